// What autofs says of a mount among its options (fs/autofs, autofs_show_options), and modes as images have them.
import { CriuError } from '../../../../errors.js';
import { splitMountOptions } from '../../../../proc/index.js';

/** `autofs_entry.mode`, in CRIU's numbers. */
export const MODES = ['direct', 'indirect', 'offset'] as const;
export type Mode = (typeof MODES)[number];

/** Number of the pipe of a mount that has none, and answers nobody any more. */
export const CATATONIC = -1;

/** Options without a field in images of CRIU: they are taken from those of the mount. */
export const FLAGS = ['strictexpire', 'ignore'] as const;

export interface AutofsOptions {
  /** What the daemon's end of the pipe had as its number when the mount was made. */
  readonly fd: number;
  /** Inode of that pipe; -1 where there is none. */
  readonly pipe: number;
  /** Process group that may look without being made to wait, as whoever reads this has it. */
  readonly group: number;
  /** Seconds until a mount that nobody uses goes. */
  readonly timeout: number;
  readonly minproto: number;
  readonly maxproto: number;
  readonly mode: Mode;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** @throws CriuError naming the option that is not there */
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
