// Options of ptrace(2), and sets of signals.
import { PTRACE_O_TRACEEXEC, PTRACE_O_TRACESYSGOOD } from '@criu/native/uapi';

/** These options distinguish system call stops and execve() from signals. */
export const SEIZE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

export function signalBit(signal: number): bigint {
  return 1n << BigInt(signal - 1);
}
