// File locks and leases (--file-locks). They belong to open file descriptions, and are dumped when a description is met
// first.
import { sysRaw } from '@criu/native';
import { F_GETLEASE } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
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
  // While a lease is being broken, the kernel shows the type that it will have.
  return LEASE_BREAKING | Math.max(0, sysRaw('fcntl', file.local, F_GETLEASE));
}

/**
 * Adds the locks of a description to the images.
 * @param own only the task's own locks of fcntl(2); the others were dumped already
 * @throws CriuError if locks are not permitted
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
