// One system call in a stopped thread, by steps of a tracer's program: no code is written, no signal is involved.
import { abi, SYS, type SyscallName } from '@criu/native';
import { ARGUMENTS, planChangeRegisters, RESULT, syscallRegisters, withRegisters } from './arch/index.js';
import type { DataRef, Mark, Operand, StepOptions, StepRef } from './operands.js';
import type { Program } from './program.js';

export interface RemoteSyscall {
  readonly tid: number;
  /** Address of a system call's instruction in the task. */
  readonly at: bigint;
  /** Registers that the call starts from: bytes of ours, or an area of the program that holds them. */
  readonly regs: Uint8Array | DataRef;
  readonly nr: SyscallName | number;
  readonly args: readonly Operand[];
  readonly timeoutMs?: number;
  /** Where to go on if the thread does not come back from it. */
  readonly orGoTo?: Mark;
}

/** System calls for which the kernel would stand still for ever do not belong here. */
const TIME_LIMIT_MS = 10_000;

/** A struct agent_trap in the program, with its registers. */
export function planTrap(
  p: Program,
  mode: number,
  regs: DataRef,
  timeoutMs: number,
  flags = 0,
): { trap: DataRef; siginfo: DataRef } {
  const bytes = Buffer.alloc(abi.AgentTrap.size);
  bytes.writeUInt32LE(mode, abi.AgentTrap.mode);
  bytes.writeUInt32LE(timeoutMs, abi.AgentTrap.timeout_ms);
  bytes.writeUInt32LE(flags, abi.AgentTrap.flags);
  const trap = p.data(bytes);
  const siginfo = p.out(128);
  p.poke(p.at(trap, abi.AgentTrap.regs), regs, 8);
  p.poke(p.at(trap, abi.AgentTrap.siginfo), siginfo, 8);
  return { trap, siginfo };
}

/**
 * Steps for one remote system call; the result of the returned step is the call's. All signals of the thread should be
 * blocked. `options` say what the call's own result has to be.
 */
export function planRemoteSyscall(
  p: Program,
  call: RemoteSyscall,
  options: StepOptions = { expect: 'any' },
): StepRef {
  const nr = typeof call.nr === 'number' ? call.nr : SYS[call.nr];
  const fixed = syscallRegisters(call.at, nr);
  let regs: DataRef;
  if (call.regs instanceof Uint8Array) regs = p.data(withRegisters(call.regs, fixed));
  else {
    regs = call.regs;
    planChangeRegisters(p, regs, fixed);
  }
  for (const [i, name] of ARGUMENTS.entries()) {
    const arg = call.args[i];
    if (arg !== undefined) p.poke(p.at(regs, abi.UserRegs[name]), arg, 8);
  }
  const { trap } = planTrap(p, abi.AGENT_TRAP_SYSCALL, regs, call.timeoutMs ?? TIME_LIMIT_MS);
  p.trapRun(call.tid, trap, {
    label: () => `system call in ${call.tid}`,
    ...(call.orGoTo ? { orGoTo: call.orGoTo } : {}),
  });
  return p.addOf(p.load64(p.at(regs, abi.UserRegs[RESULT])), 0, options);
}
