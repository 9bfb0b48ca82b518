// Reading a file of a task that is dumped. It is opened anew where it can be: the task may have it open for writing only,
// and its position is its own. But whoever holds a lease on a file is told of every open, and loses the lease by it.
import { sys, sysRaw } from '@criu/native';
import { closeSync, constants, openSync } from '@criu/native/fs';
import { F_GETFL } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { readLocks } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { F_DUPFD_CLOEXEC, O_ACCMODE, O_PATH, O_WRONLY } from '../common.js';
import type { PathFile } from './dump.js';

/** Inodes with a lease that opening for reading would break: on writing, or one that is being broken. */
const leased = stateKey(
  'files with leases',
  (_: DumpContext) =>
    new Set(
      readLocks()
        .filter(({ type, mode, access }) => type === 'LEASE' && (access !== 'READ' || mode !== 'ACTIVE'))
        .map(({ ino }) => ino),
    ),
);

export function hasLease(ctx: DumpContext, ino: bigint): boolean {
  return ctx.states.get(leased).has(ino);
}

export interface Reader extends Disposable {
  readonly fd: number;
  /** It is the task's own description: its position must stay where it is. */
  readonly shared: boolean;
}

/** Undefined if the file cannot be read without the task noticing. @throws the error of the file system */
export function readerOf(
  ctx: DumpContext,
  { local, stat }: Pick<PathFile, 'local' | 'stat'>,
): Reader | undefined {
  const shared = hasLease(ctx, stat.ino);
  if (shared) {
    const flags = sysRaw('fcntl', local, F_GETFL);
    if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) === O_WRONLY) return undefined;
  }
  const fd = shared
    ? sys('fcntl', local, F_DUPFD_CLOEXEC, 0)
    : openSync(`/proc/self/fd/${local}`, constants.O_RDONLY | constants.O_NONBLOCK);
  return { fd, shared, [Symbol.dispose]: () => closeSync(fd) };
}
