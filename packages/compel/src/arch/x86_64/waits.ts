// Waits without a limit that the kernel ends with EINTR when a thread is stopped, though no signal handler runs (signal(7),
// "Interruption of system calls and library functions by stop signals").
import { SYS } from '@criu/native';
import { EINTR } from '@criu/native/uapi';
import { ERESTARTNOHAND } from '../../restart.js';
import { MODE } from './calls.js';
import { parseRegisters, type Registers, withRegisters } from './registers.js';

const word = (value: bigint) => BigInt.asUintN(64, value);

function waitsForEver({ orig_rax, rdx, r10, r8 }: Registers): boolean {
  switch (Number(orig_rax)) {
    case SYS.epoll_wait:
    case SYS.epoll_pwait:
      return BigInt.asIntN(32, r10) < 0n;
    case SYS.epoll_pwait2:
      return r10 === 0n;
    case SYS.rt_sigtimedwait:
      return rdx === 0n;
    case SYS.semop:
      return true;
    case SYS.semtimedop:
      return r10 === 0n;
    case SYS.io_getevents:
      return r8 === 0n;
    default:
      return false;
  }
}

/**
 * Registers with which such a wait goes on when the thread runs again, and still ends with EINTR if a signal handler runs first;
 * undefined for a thread that has not been in one.
 */
export function waitingRegisters(bytes: Buffer): Buffer | undefined {
  const regs = parseRegisters(bytes);
  // 32-bit code has other numbers of system calls.
  const wide = regs[MODE.register] === MODE.wide;
  if (!wide || BigInt.asIntN(64, regs.rax) !== -BigInt(EINTR) || !waitsForEver(regs)) return undefined;
  return withRegisters(bytes, { rax: word(-ERESTARTNOHAND) });
}
