// Numbers of ptrace(2) and of wait statuses that the kernel's headers for user space give.
import { PTRACE_O_TRACEEXEC, PTRACE_O_TRACESYSGOOD } from '@criu/native/uapi';

export {
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_O_TRACEEXEC,
  PTRACE_O_TRACESYSGOOD,
  PTRACE_PEEKSIGINFO_SHARED,
} from '@criu/native/uapi';

export const PTRACE = {
  PEEKDATA: 2,
  POKEDATA: 5,
  CONT: 7,
  DETACH: 17,
  SETOPTIONS: 0x4200,
  GETREGSET: 0x4204,
  SETREGSET: 0x4205,
  SEIZE: 0x4206,
  INTERRUPT: 0x4207,
  PEEKSIGINFO: 0x4209,
  GETSIGMASK: 0x420a,
  SETSIGMASK: 0x420b,
  SECCOMP_GET_FILTER: 0x420c,
  SECCOMP_GET_METADATA: 0x420d,
  GET_RSEQ_CONFIGURATION: 0x420f,
  SET_SYSCALL_USER_DISPATCH_CONFIG: 0x4210,
  GET_SYSCALL_USER_DISPATCH_CONFIG: 0x4211,
} as const;

/** Kill the tracee when the tracer exits. */
export const PTRACE_O_EXITKILL = 0x100000;
/** System call stops and execve() must be told apart from signals. */
export const SEIZE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

export const SIG = {
  ILL: 4,
  TRAP: 5,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  SEGV: 11,
  CONT: 18,
  STOP: 19,
  SYS: 31,
} as const;
export const ERRNO = {
  EPERM: 1,
  ESRCH: 3,
  EFAULT: 14,
  EEXIST: 17,
  ETIMEDOUT: 110,
  ECHILD: 10,
  ESTALE: 116,
} as const;

export function signalBit(signal: number): bigint {
  return 1n << BigInt(signal - 1);
}
