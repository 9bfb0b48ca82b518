// Inherited files (`--inherit-fd fd[N]:KEY`): descriptors of the restoring process that replace files of the
// checkpoint.

import { encodeName, sys } from '@criu/native';
import { fstatSync, writeSync } from '@criu/native/fs';
import { F_DUPFD_CLOEXEC, S_IFCHR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';

export interface Inherited {
  /** Number of the descriptor in this process. */
  readonly fd: number;
  readonly key: string;
  /** Whether KEY is text to be written to the descriptor instead of naming a file: `debug[N]:TEXT`. */
  readonly debug: boolean;
}

/** Parses a value of `--inherit-fd`. @throws CriuError BAD_OPTION */
export function parseInherited(value: string): Inherited {
  const [, kind, fd, key] = /^(fd|debug)\[(\d{1,9})\]:(.+)$/s.exec(value) ?? [];
  if (key === undefined)
    throw new CriuError(
      'BAD_OPTION',
      `bad value for --inherit-fd: ${value}`,
      {},
      'it has the form fd[N]:KEY',
    );
  return { fd: Number(fd), key, debug: kind === 'debug' };
}

type InheritedTable = Map<string, Inherited & { slot?: Slot }>;

const inheritedFiles = stateKey('inherited descriptors', (ctx: PlanContext): InheritedTable => {
  const table: InheritedTable = new Map();
  for (const value of ctx.options.inheritFd ?? []) {
    const inherited = parseInherited(value);
    if (inherited.debug) ctx.prepare(`write to fd ${inherited.fd}`, () => mark(inherited));
    // The first value for a key counts.
    else if (!table.has(inherited.key)) table.set(inherited.key, inherited);
  }
  return table;
});

function tableOf(ctx: PlanContext): InheritedTable {
  return ctx.states.get(inheritedFiles);
}

function mark({ fd, key }: Inherited): void {
  const bytes = encodeName(key);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Checks the option even if no file uses it. @throws CriuError BAD_OPTION */
export function planInherited(ctx: PlanContext): void {
  tableOf(ctx);
}

/** The file type that a key implies; a path may be of any type. */
const KINDS: readonly (readonly [prefix: string, type: number, name: string])[] = [
  ['pipe:[', S_IFIFO, 'pipe'],
  ['socket:[', S_IFSOCK, 'socket'],
  ['tty[', S_IFCHR, 'terminal'],
  ['/memfd:', S_IFREG, 'memfd'],
];

/** Refuses a descriptor that is not open, belongs to Node, or has the wrong type. @throws CriuError BAD_OPTION */
function checkGiven({ fd, key }: Inherited): void {
  let type: number;
  try {
    type = fstatSync(fd).mode & S_IFMT;
  } catch (error) {
    throw new CriuError(
      'BAD_OPTION',
      `there is no descriptor ${fd} to be used for ${key}`,
      { fd },
      'open it before criu is started, and do not have it closed on exec',
      error,
    );
  }
  const kind = KINDS.find(([prefix]) => key.startsWith(prefix));
  if (kind && kind[1] !== type)
    throw new CriuError(
      'BAD_OPTION',
      `the descriptor to be used for ${key} is no ${kind[2]}`,
      { fd },
      'is it the right one, and was it open when criu was started?',
    );
}

/** The slot for the descriptor that was given for a file; undefined if none was. @throws CriuError BAD_OPTION */
export function inheritedSlot(ctx: PlanContext, key: string): Slot | undefined {
  const found = tableOf(ctx).get(key);
  if (!found) return undefined;
  const { fd } = found;
  if (!found.slot) {
    ctx.prepare(`look at fd ${fd}`, () => checkGiven(found));
    found.slot = ctx.openSlot(`inherited fd ${fd} for ${key}`, () => sys('fcntl', fd, F_DUPFD_CLOEXEC, 0));
  }
  return found.slot;
}

/** Whether the caller has passed any descriptors (`--inherit-fd`). */
export function anyInherited(ctx: PlanContext): boolean {
  return tableOf(ctx).size > 0;
}

/** Number of the descriptor that was given for a file. */
export function inheritedFd(ctx: PlanContext, key: string): number | undefined {
  return tableOf(ctx).get(key)?.fd;
}

/**
 * In a plan on paper, a placeholder for a descriptor that was not given.
 * @throws CriuError naming the missing option
 */
export function missingInherited(ctx: PlanContext, key: string, what: string): Slot {
  if (ctx.onPaper) return ctx.openSlot(key, () => -1);
  throw new CriuError(
    'BAD_OPTION',
    `${what} is not in the checkpoint, but outside of it`,
    { file: 'files.img', entry: key },
    `give a descriptor for it with --inherit-fd 'fd[N]:${key}'`,
  );
}
