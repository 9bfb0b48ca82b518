// Reading a file of a task that is dumped. It is opened anew where it can be: the task may have it open for writing only,
// and its position is its own. But whoever holds a lease on a file is told of every open, and loses the lease by it.
import { sys, sysRaw } from '@criu/native';
import { closeSync, constants, openSync } from '@criu/native/fs';
import { F_DUPFD_CLOEXEC, F_GETFL, O_ACCMODE, O_PATH, O_WRONLY } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type FileLock, readLocksAhead } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import type { PathFile } from './dump.js';

/** Whether it is a lease that opening for reading would break: on writing, or one that is being broken. */
function minds({ type, mode, access }: FileLock): boolean {
  return type === 'LEASE' && (access !== 'READ' || mode !== 'ACTIVE');
}

/** Inodes with such a lease. Those that a task takes after they were read are ones of a description (`readerOf`). */
const leased = stateKey('files with leases', (ctx: DumpContext) => {
  const locks = ctx.states.get(lockList)();
  return new Set(locks.filter(minds).map(({ ino }) => ino));
});

const lockList = stateKey('locks of the machine', (_: DumpContext) => readLocksAhead());

/** Begins to find out. */
export function readLeases(ctx: DumpContext): void {
  ctx.states.get(lockList);
}

/** The kernel may take 20 ms for the answer (RCU): those are waited for while the tasks still run. */
export function awaitLeases(ctx: DumpContext): void {
  ctx.states.get(leased);
}

/** In a rehearsal of all files: nobody is to notice it. */
export function hasLease(ctx: DumpContext, ino: bigint): boolean {
  return ctx.rehearsing || ctx.states.get(leased).has(ino);
}

export interface Reader extends Disposable {
  readonly fd: number;
  /** It is the task's own description: its position must stay where it is. */
  readonly shared: boolean;
}

/** Undefined if the file cannot be read without the task noticing. @throws the error of the file system */
export function readerOf(
  ctx: DumpContext,
  { local, stat, info }: Pick<PathFile, 'local' | 'stat' | 'info'>,
): Reader | undefined {
  // A lease on writing is only to be had by the description that alone has the file open.
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
