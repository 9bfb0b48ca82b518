// The last steps of a restore, by ptrace: tasks that are agents get their registers and lose the agent.

import { abi, addon } from '@criu/native';
import {
  iovec,
  PTRACE_INTERRUPT,
  PTRACE_O_EXITKILL,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_SEIZE,
  PTRACE_SETREGSET,
  PTRACE_SETSIGMASK,
} from '@criu/native/uapi';
import {
  EXTENDED_SET,
  functionRegisters,
  planChangeRegisters,
  planGetRegisters,
  planSetRegisters,
} from './arch/index.js';
import { planSetDispatch, type SyscallDispatch } from './dispatch.js';
import { StopError } from './errors.js';
import { Program } from './program.js';
import { ProgramError, type ProgramResult, stepError } from './program-result.js';
import { SEIZE_OPTIONS } from './ptrace.js';
import { planRemoteSyscall, planTrap } from './remote.js';

/** The state with which a thread continues. */
export interface FinalThread {
  readonly tid: number;
  /** struct user_regs_struct. With orig_rax >= 0 and rax -ERESTART* the kernel restarts the system call. */
  readonly regs: Uint8Array;
  /** XSAVE area as returned by PTRACE_GETREGSET with NT_X86_XSTATE. */
  readonly xsave?: Uint8Array;
  readonly sigmask: bigint;
  readonly dispatch?: SyscallDispatch | undefined;
}

export interface RemoteRange {
  readonly address: bigint;
  readonly length: bigint | number;
}

/** A task whose threads are agents, or were parked by one. */
export interface ParkedTask {
  readonly pid: number;
  readonly tids: readonly number[];
  /** Suspend its seccomp filters while the tracer works on it. */
  readonly suspendSeccomp: boolean;
}

/** @throws StopError */
export async function seizeParked(
  run: (p: Program) => Promise<ProgramResult>,
  tasks: readonly ParkedTask[],
): Promise<void> {
  const p = new Program('seize');
  /** The pid for each step. */
  const about: number[] = [];
  for (const { pid, tids, suspendSeccomp } of tasks) {
    // A half-restored task must not outlive the tracer; detaching clears the option.
    const options = SEIZE_OPTIONS | PTRACE_O_EXITKILL | (suspendSeccomp ? PTRACE_O_SUSPEND_SECCOMP : 0);
    for (const tid of tids) {
      p.syscall('ptrace', [PTRACE_SEIZE, tid, 0, options], { label: () => `thread ${tid}` });
      p.syscall('ptrace', [PTRACE_INTERRUPT, tid, 0, 0]);
      about.push(pid, pid);
    }
  }
  for (const { pid, tids } of tasks)
    for (const tid of tids) {
      p.stop(tid, 10_000, p.out(8), abi.AGENT_STOP_SEIZED, { label: () => `thread ${tid}` });
      about.push(pid);
    }
  await run(p).catch((cause: unknown) => {
    const pid = (cause instanceof ProgramError && about[cause.step]) || (about[0] ?? 0);
    const error = new StopError(pid, 'PTRACE', cause instanceof Error ? cause.message : String(cause));
    error.cause = cause;
    throw error;
  });
}

export function planFinal(p: Program, thread: FinalThread): void {
  const { tid } = thread;
  if (thread.xsave) planSetXsave(p, tid, thread.xsave);
  planSetRegisters(p, tid, p.data(thread.regs), {
    label: () => `registers of ${tid}`,
  });
  p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, p.u64(thread.sigmask)], {
    label: () => `signal mask of ${tid}`,
  });
  if (thread.dispatch) planSetDispatch(p, tid, thread.dispatch);
}

/** PTRACE_SETREGSET of the XSAVE area. */
export function planSetXsave(p: Program, tid: number, xsave: Uint8Array): void {
  const iov = p.data(iovec.sizeof);
  p.poke(p.at(iov, iovec.iov_base), p.data(xsave), 8);
  p.poke(p.at(iov, iovec.iov_len), xsave.byteLength, 8);
  p.syscall('ptrace', [PTRACE_SETREGSET, tid, EXTENDED_SET, iov], { label: () => `XSAVE area of ${tid}` });
}

export interface RemoteCall {
  readonly nr: number;
  readonly args: readonly (number | bigint)[];
  readonly expect?: number | 'any';
}

/** System calls one after the other, with the `syscall` instruction at `at`. */
export function planCalls(p: Program, tid: number, at: bigint, calls: readonly RemoteCall[]): void {
  const base = p.data(abi.UserRegs.size);
  planGetRegisters(p, tid, base);
  for (const { nr, args, expect } of calls)
    planRemoteSyscall(p, { tid, at, regs: base, nr, args }, { expect: expect ?? 0 });
}

const TIME_LIMIT_MS = 10_000;

/**
 * Runs a program in a parked thread, in the buffer and on the stack of its task's agent. The registers of the thread
 * are lost; `setFinal` sets new ones.
 * @param region address of the agent's region
 * @throws ProgramError if a step fails
 */
export async function runParked(
  run: (p: Program) => Promise<ProgramResult>,
  pid: number,
  tid: number,
  region: bigint,
  program: Program,
): Promise<void> {
  const { bytes } = program.encode();
  const buffer = region + BigInt(abi.AGENT_BUFFER_OFFSET);
  if (addon().vmWrite(pid, buffer, bytes) !== bytes.length)
    throw new StopError(tid, 'PTRACE', `cannot write a program of ${bytes.length} bytes into task ${pid}`);
  const p = new Program(`run "${program.title}" in ${tid}`);
  const regs = p.data(abi.UserRegs.size);
  planGetRegisters(p, tid, regs);
  const start = functionRegisters(
    region + BigInt(abi.AGENT_TEXT_OFFSET + abi.AGENT_ENTRY_MARK),
    region,
    region + BigInt(abi.AGENT_STACK_OFFSET + abi.AGENT_STACK_SIZE - 64),
  );
  planChangeRegisters(p, regs, start);
  const { trap } = planTrap(p, abi.AGENT_TRAP_MARK, regs, TIME_LIMIT_MS);
  p.trapRun(tid, trap, { label: `program in ${tid}` });
  await run(p);
  const head = Buffer.alloc(abi.AgentProg.size);
  addon().vmRead(pid, buffer, head);
  const failedAt = head.readInt32LE(abi.AgentProg.failed_at);
  if (failedAt < 0) return;
  const results = (bytes.length + 7) & ~7;
  const word = Buffer.alloc(8);
  addon().vmRead(pid, buffer + BigInt(results + failedAt * 8), word);
  throw stepError(`task ${tid}: ${program.title}`, program, failedAt, word.readBigInt64LE(0));
}
