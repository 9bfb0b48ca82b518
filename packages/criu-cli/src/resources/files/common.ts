// What several kinds of file share: moving a new descriptor to its number, owner and signal of asynchronous I/O.
import type { Operand, Program } from '@criu/compel';
import type { FownEntry } from '../../images/types.js';

export const O_ACCMODE = 3;
export const O_APPEND = 0o2000;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_NONBLOCK = 0o4000;
export const FASYNC = 0o20000;
export const O_DIRECT = 0o40000;
export const O_PATH = 0o10000000;
export const O_CLOEXEC = 0o2000000;
export const AT_FDCWD = -100;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
const F_SETSIG = 10;
const F_SETOWN_EX = 15;

/** Moves a descriptor just made to a number of our choice. */
export function moveTo(p: Program, made: Operand, number: number): void {
  p.syscall('dup3', [made, number, O_CLOEXEC]);
  p.syscall('close', [made]);
}

/** F_SETOWN_EX and F_SETSIG, as they were. `pid_type` is the kernel's F_OWNER_*. */
export function setOwner(p: Program, fd: number, fown: FownEntry): void {
  if (fown.signum) p.syscall('fcntl', [fd, F_SETSIG, fown.signum], { label: `signal of fd ${fd}` });
  if (fown.pid) {
    p.syscall('fcntl', [fd, F_SETOWN_EX, p.i32(fown.pid_type, fown.pid)], { label: `owner of fd ${fd}` });
  }
}

/** File status flags that fcntl(F_SETFL) can set: O_APPEND, O_NONBLOCK, O_DIRECT, O_NOATIME, O_ASYNC. */
export const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | 0o1000000 | FASYNC;
