// Steps of a tracer that read and write the registers of a stopped thread.
import { abi } from '@criu/native';
import { NT_X86_XSTATE, PTRACE_GETREGS, PTRACE_SETREGS } from '@criu/native/uapi';
import type { DataRef, Operand, StepOptions } from '../../operands.js';
import type { Program } from '../../program.js';
import type { RegisterName, Registers } from './registers.js';

/** The register set of PTRACE_GETREGSET with all but the general registers: the XSAVE area. */
export const EXTENDED_SET = NT_X86_XSTATE;

/** Reads the struct user_regs_struct of a thread into `area`. */
export function planGetRegisters(p: Program, tid: Operand, area: DataRef, options: StepOptions = {}): void {
  p.syscall('ptrace', [PTRACE_GETREGS, tid, 0, area], options);
}

/** Sets the general registers of a thread from a struct user_regs_struct in the program. */
export function planSetRegisters(p: Program, tid: Operand, area: DataRef, options: StepOptions = {}): void {
  p.syscall('ptrace', [PTRACE_SETREGS, tid, 0, area], options);
}

/** Changes some fields of a struct user_regs_struct in the program. */
export function planChangeRegisters(p: Program, area: DataRef, changes: Partial<Registers>): void {
  for (const [name, value] of Object.entries(changes))
    p.poke(p.at(area, abi.UserRegs[name as RegisterName]), value, 8);
}
