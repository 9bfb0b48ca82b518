// A system call in a stopped thread, as steps of a tracer's program. No code is written and no signal is involved.
import { abi, SYS, type SyscallName } from '@criu/native';
import { siginfo_t } from '@criu/native/uapi';
import { ARGUMENTS, planChangeRegisters, RESULT, syscallRegisters, withRegisters } from './arch/index.js';
import type { DataRef, Mark, Operand, StepOptions, StepRef } from './operands.js';
import type { Program } from './program.js';

export interface RemoteSyscall {
  readonly tid: number;
  /** Address of a `syscall` instruction in the task. */
  readonly at: bigint;
  /** Registers from which the call starts: bytes, or an area of the program that holds them. */
  readonly regs: Uint8Array | DataRef;
  readonly nr: SyscallName | number;
  readonly args: readonly Operand[];
  readonly timeoutMs?: number;
  /** Where to continue if the thread does not return from the call. */
  readonly orGoTo?: Mark;
}

/** Milliseconds; system calls that may block for ever must not be made this way. */
const TIME_LIMIT_MS = 10_000;

/** Creates a struct agent_trap in the program, with its registers. */
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
  const siginfo = p.out(siginfo_t.sizeof);
  p.poke(p.at(trap, abi.AgentTrap.regs), regs, 8);
  p.poke(p.at(trap, abi.AgentTrap.siginfo), siginfo, 8);
  return { trap, siginfo };
}

/**
 * Steps for one remote system call; the result of the returned step is that of the call. All signals of the thread
 * should be blocked.
 * @param options expectations for the result of the call
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
