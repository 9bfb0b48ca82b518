// Threads that are prepared for foreign code: what is changed, how it is restored, and the same as a program that the
// tracer keeps in case this process dies.
import { abi, addon } from '@criu/native';
import {
  PTRACE_DETACH,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_POKEDATA,
  PTRACE_SETOPTIONS,
  PTRACE_SETSIGMASK,
  rseq,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
} from '@criu/native/uapi';
import { MODE, planSetRegisters, register } from './arch/index.js';
import { planSetDispatch } from './dispatch.js';
import { VictimError } from './errors.js';
import type { DataRef } from './operands.js';
import { planSetXsave } from './parked.js';
import { taskStatus } from './proc.js';
import { Program } from './program.js';
import { SEIZE_OPTIONS, signalBit } from './ptrace.js';
import { planRemoteSyscall } from './remote.js';
import type { Task, Thread } from './task.js';

const ALL_SIGNALS = 0xffffffffffffffffn;
/** The signal of a fault must not be blocked, or the kernel would reset the task's handler to deliver it. */
const FAULTS = [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS] as const;
const RSEQ_CS_OFFSET = BigInt(rseq.rseq_cs);

/** A thread that is prepared for foreign code. */
export interface Hold {
  readonly thread: Thread;
  /** Slot of the kept program that restores and releases the thread. */
  readonly slot: number;
  /** How its runs end (AGENT_TRAP_*): SIGTRAP cannot be used if the task ignores it or has one pending. */
  readonly mode: number;
  /** Signals blocked during runs, as a mask. */
  readonly mask: bigint;
  readonly suspendSeccomp: boolean;
  /** Address of its restartable sequence (rseq_cs), which the kernel clears when other code runs; 0 if none. */
  readonly rseqCs: bigint;
  /** Its XSAVE area has to be restored, since C code has run in it. */
  dirtyXsave: boolean;
}

/** What /proc/PID/status says of a thread. */
export interface ThreadLook {
  /** Pending signals of the thread and its process, bit n - 1 for signal n. */
  readonly pending: bigint;
  readonly ignored: bigint;
  readonly seccomp: boolean;
}

function look(task: Task, tid: number): ThreadLook {
  const status = taskStatus(task.pid, tid);
  if (!status) throw new VictimError(task.pid, 'DIED', 'is gone');
  const set = (name: string) => BigInt(`0x${status.get(name) ?? '0'}`);
  return {
    pending: set('SigPnd') | set('ShdPnd'),
    ignored: set('SigIgn'),
    seccomp: (status.get('Seccomp') ?? '0') !== '0',
  };
}

/** Decides how code can be run in a thread. @throws VictimError */
export function examineThread(
  task: Task,
  thread: Thread,
  { pending, ignored, seccomp }: ThreadLook = look(task, thread.tid),
): Hold {
  if (register(thread.regs, MODE.register) !== MODE.wide)
    throw new VictimError(
      task.pid,
      'COMPAT_32BIT',
      `thread ${thread.tid} runs 32-bit code; only 64-bit tasks can be infected`,
    );
  let mask = ALL_SIGNALS;
  for (const fault of FAULTS) if ((pending & signalBit(fault)) === 0n) mask &= ~signalBit(fault);
  const noTrap = ((ignored | pending) & signalBit(SIGTRAP)) !== 0n;
  if (noTrap) mask |= signalBit(SIGTRAP);
  let rseqCs = 0n;
  if (thread.rseq.pointer !== 0n) {
    const word = Buffer.alloc(8);
    if (addon().vmRead(task.pid, thread.rseq.pointer + RSEQ_CS_OFFSET, word) === 8)
      rseqCs = word.readBigUInt64LE();
  }
  return {
    thread,
    slot: task.tracer.newSlot(),
    mode: noTrap ? abi.AGENT_TRAP_MARK : abi.AGENT_TRAP_BREAK,
    mask,
    suspendSeccomp: seccomp,
    rseqCs,
    dirtyXsave: false,
  };
}

/** Steps that prepare a thread for foreign code. */
export function planHold(p: Program, hold: Hold): void {
  const { tid } = hold.thread;
  if (hold.suspendSeccomp)
    p.syscall('ptrace', [PTRACE_SETOPTIONS, tid, 0, SEIZE_OPTIONS | PTRACE_O_SUSPEND_SECCOMP], {
      label: `suspend seccomp of ${tid}, which needs CAP_SYS_ADMIN`,
    });
  p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, p.u64(hold.mask)], { label: `block signals of ${tid}` });
  if (hold.thread.dispatch) planSetDispatch(p, tid, undefined);
}

/** Steps that restore the state of a thread exactly. */
export function planPutBack(p: Program, hold: Hold, orElse: 'ok' | 'any'): void {
  const { thread } = hold;
  const options = { expect: orElse, label: `put back ${thread.tid}` };
  planSetRegisters(p, thread.tid, p.data(thread.regs), options);
  p.syscall('ptrace', [PTRACE_SETSIGMASK, thread.tid, 8, p.u64(thread.sigmask)], options);
  if (thread.dispatch) planSetDispatch(p, thread.tid, thread.dispatch, orElse);
  if (hold.dirtyXsave && thread.xsave) planSetXsave(p, thread.tid, thread.xsave);
  if (hold.rseqCs !== 0n) {
    const address = thread.rseq.pointer + RSEQ_CS_OFFSET;
    p.syscall('ptrace', [PTRACE_POKEDATA, thread.tid, address, hold.rseqCs], options);
  }
}

/** The kept program of a held thread. */
export function holdHangup(hold: Hold): Program {
  const { tid } = hold.thread;
  const p = new Program(`put back ${tid}`);
  p.stop(tid, 5000, p.out(8), abi.AGENT_STOP_ANY, { expect: 'any' });
  planPutBack(p, hold, 'any');
  p.syscall('ptrace', [PTRACE_DETACH, tid, 0, 0], { expect: 'any' });
  return p;
}

/** A kept program that undoes something by system calls in the task. */
export function undoHangup(
  task: Task,
  host: Hold,
  calls: readonly { nr: 'munmap' | 'close'; args: readonly (number | bigint)[] }[],
): Program {
  const { thread } = host;
  const p = new Program(`undo in ${thread.tid}`);
  p.stop(thread.tid, 5000, p.out(8), abi.AGENT_STOP_ANY, { expect: 'any' });
  for (const call of calls)
    planRemoteSyscall(p, { tid: thread.tid, at: task.syscallInsn, regs: thread.regs, ...call });
  return p;
}

/** The fault and the held signals of a run, as results of steps after it. */
export function trapOutcome(p: Program, trap: DataRef) {
  return {
    held: p.addOf(p.load64(p.at(trap, abi.AgentTrap.held)), 0),
    fault: p.addOf(p.load32(p.at(trap, abi.AgentTrap.fault)), 0),
  };
}
