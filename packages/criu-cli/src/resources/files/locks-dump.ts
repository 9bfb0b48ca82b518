// Locks and leases (--file-locks): they belong to the open file description, and are written when it is met first.
import { sysRaw } from '@criu/native';
import { F_GETLEASE } from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { CriuError } from '../../errors.js';
import { type FileLock, LOCK_EOF } from '../../proc/index.js';
import type { OpenFile } from './open-file.js';

const KINDS: Readonly<Record<string, number>> = { POSIX: 1, FLOCK: 2, OFDLCK: 4, LEASE: 8 };
const ACCESS: Readonly<Record<string, number>> = { READ: 0, WRITE: 1, UNLCK: 2 };
const LEASE_BREAKING = 4;

function typeOf(file: OpenFile, lock: FileLock): number {
  const access = ACCESS[lock.access];
  if (access === undefined || lock.mode === 'MANDATORY')
    throw new CriuError('UNSUPPORTED', `a lock of type ${lock.mode} ${lock.access}`, {
      pid: file.pid,
      fd: file.fd,
    });
  if (lock.type !== 'LEASE' || lock.mode !== 'BREAKING') return access;
  // While it is broken, the kernel shows what it is going to be as READ.
  return LEASE_BREAKING | Math.max(0, sysRaw('fcntl', file.local, F_GETLEASE));
}

/**
 * Adds the locks held through a description to the images.
 * @param own only those of the task's own, of fcntl(2): the others are dumped
 * @throws CriuError if that was not asked for
 */
export function dumpLocks(ctx: DumpContext, task: LiveTask, file: OpenFile, own = false): void {
  for (const lock of file.info.locks) {
    const flag = KINDS[lock.type];
    if (own && lock.type !== 'POSIX') continue;
    if (flag === undefined || !ctx.options.fileLocks)
      throw new CriuError(
        'UNSUPPORTED',
        `a file lock (${lock.type}) is held on ${file.link}`,
        { pid: file.pid, fd: file.fd },
        flag === undefined ? 'release it before the dump' : 'allow it with --file-locks',
      );
    ctx.images.add('FILE_LOCKS', {
      flag,
      type: typeOf(file, lock),
      pid: task.nsPid,
      fd: file.fd,
      start: lock.start,
      len: lock.end === LOCK_EOF ? 0n : lock.end + 1n - lock.start,
    });
  }
}
