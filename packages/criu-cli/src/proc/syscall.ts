/** `/proc/PID/syscall`: the system call that a task is in (proc_pid_syscall(5)). */

import { PROC_ROOT, type ProcText, readTextIfAny } from './io.js';
import { Scan } from './scan.js';

export type SyscallState =
  /** On a CPU. */
  | { state: 'running' }
  /** Blocked, but not in a system call. */
  | { state: 'blocked'; sp: bigint; pc: bigint }
  | { state: 'syscall'; nr: number; args: bigint[]; sp: bigint; pc: bigint };

/** Parses the text of syscall. */
export function parseSyscall(text: ProcText, file = 'syscall'): SyscallState {
  const scan = new Scan(text, file);
  if (scan.skip('running')) return { state: 'running' };
  const nr = scan.int();
  const hex = (): bigint => {
    scan.expect(' 0x');
    return scan.hexBig();
  };
  if (nr === -1) return { state: 'blocked', sp: hex(), pc: hex() };
  return { state: 'syscall', nr, args: [hex(), hex(), hex(), hex(), hex(), hex()], sp: hex(), pc: hex() };
}

/** Reads what system call a task is in; undefined without CONFIG_HAVE_ARCH_TRACEHOOK. */
export function readSyscall(pid: number, root: string = PROC_ROOT): SyscallState | undefined {
  const text = readTextIfAny(pid, 'syscall', root);
  return text === undefined ? undefined : parseSyscall(text, `${root}/${pid}/syscall`);
}
