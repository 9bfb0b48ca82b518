// Mount options of autofs (autofs_show_options in fs/autofs), and modes in images.
import { CriuError } from '../../../../errors.js';
import { splitMountOptions } from '../../../../proc/index.js';

/** Values of `autofs_entry.mode`, in CRIU's numbering. */
export const MODES = ['direct', 'indirect', 'offset'] as const;
export type Mode = (typeof MODES)[number];

/** Pipe number of a mount without a daemon, which answers no requests. */
export const CATATONIC = -1;

/** Options without a field in CRIU's images: they are taken from the options of the mount. */
export const FLAGS = ['strictexpire', 'ignore'] as const;

export interface AutofsOptions {
  /** Descriptor number of the daemon's pipe end at the time of mounting. */
  readonly fd: number;
  /** Inode of that pipe; -1 if there is none. */
  readonly pipe: number;
  /** Process group whose lookups do not trigger automounts, in the reader's pid namespace. */
  readonly group: number;
  /** Seconds until an unused mount expires. */
  readonly timeout: number;
  readonly minproto: number;
  readonly maxproto: number;
  readonly mode: Mode;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** @throws CriuError naming the missing option */
export function parseAutofs(text: string, mountpoint: string): AutofsOptions {
  const words = new Map(
    splitMountOptions(text).map((word): [string, string] => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
  const optional = (name: string): number | undefined => {
    const value = words.get(name);
    return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined;
  };
  const lacks = (name: string): CriuError =>
    new CriuError('UNSUPPORTED', `autofs does not tell the option ${name} of the mount (${text})`, {
      file: mountpoint,
    });
  const number = (name: string): number => {
    const value = optional(name);
    if (value === undefined) throw lacks(name);
    return value;
  };
  const mode = MODES.find((name) => words.has(name));
  if (!mode) throw lacks(MODES.join(', '));
  return {
    fd: number('fd'),
    pipe: number('pipe_ino'),
    group: number('pgrp'),
    timeout: number('timeout'),
    minproto: number('minproto'),
    maxproto: number('maxproto'),
    mode,
    uid: optional('uid'),
    gid: optional('gid'),
  };
}
