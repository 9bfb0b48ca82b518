// File locks and leases (--file-locks): acquired again by their owners, once no more descriptors are closed, which
// could release them.

import type { Program } from '@criu/compel';
import {
  AT_FDCWD,
  EWOULDBLOCK,
  F_OFD_SETLK,
  F_OWNER_PID,
  F_RDLCK,
  F_SETLEASE,
  F_SETLK,
  F_SETOWN_EX,
  F_UNLCK,
  F_WRLCK,
  flock,
  LOCK_EX,
  LOCK_MAND,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_ACCMODE,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  SIGIO,
  stat,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { FileLockEntry } from '../../images/types.js';
import { agentIds } from '../../views/planned-users.js';
import { setOwner } from './common.js';

const KIND = { POSIX: 1, FLOCK: 2, OFD: 4, LEASE: 8 } as const;
/** flock(2) operation of each type of lock: F_RDLCK, F_WRLCK, F_UNLCK. */
const FLOCK = [LOCK_SH, LOCK_EX, LOCK_UN] as const;
const LEASE_BREAKING = 4;

/** What fcntl(2) takes. */
function flockOf(lock: FileLockEntry): Buffer {
  const bytes = Buffer.alloc(flock.sizeof);
  bytes.writeInt16LE(lock.type, flock.l_type);
  bytes.writeBigInt64LE(lock.start, flock.l_start);
  bytes.writeBigInt64LE(lock.len, flock.l_len);
  return bytes;
}

/** A lease needs the owner of the file as its holder, or CAP_LEASE on the host. */
function setLease(ctx: PlanContext, p: Program, fd: number, type: number): void {
  const status = p.out(stat.sizeof);
  p.syscall('fstat', [fd, status]);
  p.syscall('setfsuid', [p.load32(p.at(status, stat.st_uid))], { expect: 'any' });
  p.syscall('fcntl', [fd, F_SETLEASE, type], { label: `lease of fd ${fd}` });
  p.syscall('setfsuid', [agentIds(ctx).uid], { expect: 'any' });
}

function take(ctx: PlanContext, plan: TaskPlan, lock: FileLockEntry, fileId: number): void {
  const p = plan.program('signals');
  const { fd, type } = lock;
  const label = `lock of fd ${fd}`;
  switch (lock.flag) {
    case KIND.POSIX:
      p.syscall('fcntl', [fd, F_SETLK, p.data(flockOf(lock))], { label });
      return;
    case KIND.OFD:
      p.syscall('fcntl', [fd, F_OFD_SETLK, p.data(flockOf(lock))], { label });
      return;
    case KIND.FLOCK: {
      const operation = type & LOCK_MAND ? type : FLOCK[type];
      if (operation === undefined) break;
      p.syscall('flock', [fd, operation | LOCK_NB], { label });
      return;
    }
    case KIND.LEASE:
      if (type & LEASE_BREAKING) breaking(ctx, plan, lock, fileId);
      else setLease(ctx, p, fd, type);
      return;
  }
  throw new CriuError('BAD_IMAGE', `a lock of kind ${lock.flag} and type ${type}`, { file: 'filelocks.img' });
}

/** A lease that is being broken: acquired as it was before, and broken again by an open with O_NONBLOCK. */
function breaking(ctx: PlanContext, plan: TaskPlan, { fd, type }: FileLockEntry, fileId: number): void {
  const reg = ctx.checkpoint.regular(fileId, `lease of fd ${fd}`);
  const before = (reg.flags & O_ACCMODE) === O_RDONLY ? F_RDLCK : F_WRLCK;
  const after = type & ~LEASE_BREAKING;
  const p = plan.program('signals');
  setLease(ctx, p, fd, before);
  // The signal of this break must not go to the owner.
  p.syscall('fcntl', [fd, F_SETOWN_EX, p.i32(F_OWNER_PID, plan.pid)]);
  p.syscall(
    'openat',
    [AT_FDCWD, p.cstring(`/proc/self/fd/${fd}`), (after === F_UNLCK ? O_WRONLY : O_RDONLY) | O_NONBLOCK],
    { expect: -EWOULDBLOCK, label: `break the lease of fd ${fd}` },
  );
  // The image has the signal if it was not delivered before the dump; this break must not add another one.
  const signal = reg.fown.signum || SIGIO;
  p.syscall('rt_sigtimedwait', [p.u64(1n << BigInt(signal - 1)), null, p.u64(0, 0), 8], { expect: 'any' });
  setOwner(p, fd, reg.fown);
}

/** @throws CriuError */
export function restoreLocks(ctx: PlanContext): void {
  const locks = ctx.checkpoint.images.optional('FILE_LOCKS').map((i) => i.entry);
  if (locks.length === 0) return;
  if (!ctx.options.fileLocks)
    throw new CriuError(
      'BAD_OPTION',
      'tasks held file locks',
      { file: 'filelocks.img' },
      'have them taken again with --file-locks',
    );
  for (const lock of locks) {
    const plan = ctx.taskOf(lock.pid);
    const held = plan?.task.fds.find((f) => f.fd === lock.fd);
    if (!plan || !held)
      throw new CriuError('BAD_IMAGE', `a lock is held by fd ${lock.fd} of task ${lock.pid}`, {
        file: 'filelocks.img',
      });
    take(ctx, plan, lock, held.id);
  }
}
