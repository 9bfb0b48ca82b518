// Steps that several kinds of file share: moving a descriptor to its number, and owner and signal of asynchronous I/O.
import type { LateRef, Operand, Program } from '@criu/compel';
import { F_SETOWN_EX, F_SETSIG, O_APPEND, O_CLOEXEC, O_DIRECT, O_NONBLOCK } from '@criu/native/uapi';
import type { PlanContext } from '../../engine/plan.js';
import type { FownEntry } from '../../images/types.js';

/** Moves a new descriptor to a number of our choice. */
export function moveTo(p: Program, made: Operand, number: number): void {
  p.syscall('dup3', [made, number, O_CLOEXEC]);
  p.syscall('close', [made]);
}

/**
 * A number that a file of this machine decides: it is read when the program is sent, and by who asks whether the restore
 * would work. @param read throws a CriuError if the restore cannot work
 */
export function numberFrom(ctx: PlanContext, file: string, name: string, read: () => number): LateRef {
  ctx.expect({
    kind: 'file',
    name: file,
    look() {
      read();
      return 'there';
    },
  });
  return { kind: 'late', name, value: read };
}

/** Restores owner and signal with F_SETOWN_EX and F_SETSIG. `pid_type` is F_OWNER_*. */
export function setOwner(p: Program, fd: number, fown: FownEntry): void {
  if (fown.signum) p.syscall('fcntl', [fd, F_SETSIG, fown.signum], { label: `signal of fd ${fd}` });
  if (fown.pid) {
    p.syscall('fcntl', [fd, F_SETOWN_EX, p.i32(fown.pid_type, fown.pid)], { label: `owner of fd ${fd}` });
  }
}

/**
 * File status flags that are set with fcntl(F_SETFL) when a file is made: O_APPEND, O_NONBLOCK, O_DIRECT, O_NOATIME. O_ASYNC follows
 * when descriptors have their numbers (`startSignals`).
 */
export const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | 0o1000000;
