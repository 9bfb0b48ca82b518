// Reads files of dumped tasks. A file is opened again if possible, since the task may have it open for writing only,
// and the position is the task's. But opening a file breaks leases on it, which the holder would notice.
import { sys, sysRaw } from '@criu/native';
import { closeSync, constants, openSync } from '@criu/native/fs';
import { F_DUPFD_CLOEXEC, F_GETFL, O_ACCMODE, O_PATH, O_WRONLY } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type FileLock, readLocksAhead } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import type { PathFile } from './dump.js';

/** Whether opening for reading would break the lease: a write lease, or one that is being broken. */
function minds({ type, mode, access }: FileLock): boolean {
  return type === 'LEASE' && (access !== 'READ' || mode !== 'ACTIVE');
}

/** Inodes with such a lease. Leases taken later by tasks are found at their descriptions (`readerOf`). */
const leased = stateKey('files with leases', (ctx: DumpContext) => {
  const locks = ctx.states.get(lockList)();
  return new Set(locks.filter(minds).map(({ ino }) => ino));
});

const lockList = stateKey('locks of the machine', (_: DumpContext) => readLocksAhead());

/** Starts reading the list of leases. */
export function readLeases(ctx: DumpContext): void {
  ctx.states.get(lockList);
}

/** Waits for the list, for which the kernel may take 20 ms (RCU), while the tasks still run. */
export function awaitLeases(ctx: DumpContext): void {
  ctx.states.get(leased);
}

/** Whether a file has such a lease; taken for granted while the tasks run, so that no lease of theirs is broken. */
export function hasLease(ctx: DumpContext, ino: bigint): boolean {
  return ctx.ifStopped(() => ctx.states.get(leased).has(ino), true);
}

/** Whether a file of a file system has such a lease. @param dev as the kernel numbers devices */
export function hasLeasedFiles(ctx: DumpContext, dev: number): boolean {
  return ctx.states
    .get(lockList)()
    .some((lock) => minds(lock) && dev === deviceOf(lock));
}

function deviceOf({ major, minor }: FileLock): number | undefined {
  return major === undefined || minor === undefined ? undefined : ((major << 20) | minor) >>> 0;
}

export interface Reader extends Disposable {
  readonly fd: number;
  /** The descriptor is the task's own open file description, whose position must not change. */
  readonly shared: boolean;
}

/** A descriptor for reading; undefined if the file cannot be read unnoticed. @throws the error of the file system */
export function readerOf(
  ctx: DumpContext,
  { local, stat, info }: Pick<PathFile, 'local' | 'stat' | 'info'>,
): Reader | undefined {
  // A write lease is only possible if a single description has the file open.
  const shared = hasLease(ctx, stat.ino) || (info?.locks.some(minds) ?? false);
  if (shared) {
    const flags = sysRaw('fcntl', local, F_GETFL);
    if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) === O_WRONLY) return undefined;
  }
  const fd = shared
    ? sys('fcntl', local, F_DUPFD_CLOEXEC, 0)
    : openSync(`/proc/self/fd/${local}`, constants.O_RDONLY | constants.O_NONBLOCK);
  return { fd, shared, [Symbol.dispose]: () => closeSync(fd) };
}
