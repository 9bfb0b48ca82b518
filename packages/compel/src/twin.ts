// A fork of a stopped task, which keeps the memory of this moment by copy-on-write. It never runs code of the task, has
// none of its files open, and is killed when the tracer ends.
import { readFileSync, writeFileSync } from 'node:fs';
import { abi, SYS } from '@criu/native';
import {
  __WALL,
  CLONE_FILES,
  CLONE_FS,
  CLOSE_RANGE_UNSHARE,
  PRIO_PROCESS,
  PTRACE_GETSIGMASK,
  PTRACE_INTERRUPT,
  PTRACE_O_EXITKILL,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_O_TRACECLONE,
  PTRACE_PEEKDATA,
  PTRACE_POKEDATA,
  PTRACE_SEIZE,
  PTRACE_SETOPTIONS,
  PTRACE_SETSIGMASK,
  rseq,
  SCHED_RR,
  SIGKILL,
} from '@criu/native/uapi';
import { MODE, planGetRegisters, planSetRegisters } from './arch/index.js';
import { planSetDispatch } from './dispatch.js';
import { VictimError } from './errors.js';
import type { Hold } from './holds.js';
import { Mark } from './operands.js';
import type { RemoteCall } from './parked.js';
import { threadIds } from './proc.js';
import { Program } from './program.js';
import { SEIZE_OPTIONS } from './ptrace.js';
import { parentOf, reapOrphan, stopReaper } from './reap.js';
import { planRemoteSyscall } from './remote.js';
import type { Session } from './session.js';
import type { Task } from './task.js';
import type { Tracer } from './tracer.js';

const STOP_MS = 10_000;
const DEATH_MS = 10_000;

export class Twin {
  private constructor(
    private readonly tracer: Tracer,
    /** Pid of the task that was forked, the parent of the fork. */
    readonly of: number,
    readonly pid: number,
    /** Its pid in the pid namespace of the task. */
    private readonly number: number,
    private readonly at: bigint,
    /** Slot of the kept program that ends the fork if this process dies. */
    private readonly slot: number,
  ) {}

  /** @internal @throws VictimError, ProgramError if the task cannot fork (RLIMIT_NPROC, pids.max, memory) */
  static async make(session: Session): Promise<Twin> {
    const { task, host } = session;
    const { tid } = host.thread;
    const options = SEIZE_OPTIONS | (host.suspendSeccomp ? PTRACE_O_SUSPEND_SECCOMP : 0);
    // PTRACE_O_TRACECLONE attaches the tracer to the fork before it runs.
    await setOptions(task, tid, options | PTRACE_O_TRACECLONE);
    let number: number;
    try {
      number = await fork(session);
    } finally {
      await setOptions(task, tid, options);
    }
    const pid = childOf(task.pid, number);
    // Kept before anything else is done with the fork.
    const slot = task.tracer.keepBehind(endHangup(pid, number, host, task));
    const p = new Program(`hold the copy of ${task.pid}`);
    p.stop(pid, STOP_MS, p.out(8), abi.AGENT_STOP_SEIZED, { label: `copy ${pid}` });
    p.syscall('ptrace', [PTRACE_SETOPTIONS, pid, 0, options | PTRACE_O_EXITKILL]);
    // It runs only to end, at once: while its memory is being freed, the kernel may kill the task next.
    p.syscall('setpriority', [PRIO_PROCESS, pid, -20], { expect: 'any' });
    p.syscall('sched_setscheduler', [pid, SCHED_RR, p.i32(1)], { expect: 'any' });
    await task.tracer.run(p);
    sacrifice(pid);
    const twin = new Twin(task.tracer, task.pid, pid, number, session.agentSyscall, slot);
    // The fork gets an empty descriptor table of its own, and a new session, so that signals to the process group do
    // not reach it.
    await twin.calls([
      { nr: SYS.close_range, args: [0, 0xffffffff, CLOSE_RANGE_UNSHARE] },
      { nr: SYS.setsid, args: [], expect: 'any' },
    ]);
    return twin;
  }

  /** Makes system calls in the fork. @throws ProgramError */
  async calls(calls: readonly RemoteCall[]): Promise<void> {
    await this.tracer.callsRemote([{ tid: this.pid, at: this.at, calls }]);
  }

  /**
   * Kills the fork. Its parent is stopped for a moment to reap it, as only the parent can; until then it is a zombie. If
   * the forked task has ended, the fork has another parent, which is not to notice it either if it is in `tree`.
   * @param tree pids of the tasks that may be stopped for this, besides the forked one
   * @returns whether it was reaped; if not, its parent has to
   * @throws VictimError if the parent cannot be stopped
   */
  async end(tree: ReadonlySet<number> = new Set()): Promise<boolean> {
    const foster = parentOf(this.pid);
    if (foster !== this.of && foster !== undefined && tree.has(foster)) return this.endOrphan(foster);
    await this.kill();
    const parent = await stopReaper(this.tracer, this.of);
    if (!parent) return false;
    try {
      return (await parent.syscall('wait4', [this.number, 0, __WALL, 0])) === BigInt(this.number);
    } finally {
      await parent.resume();
    }
  }

  /** An orphan has SIGCHLD as its exit signal, whatever it was forked with. */
  private async endOrphan(foster: number): Promise<boolean> {
    const parent = await stopReaper(this.tracer, foster);
    if (!parent) {
      await this.kill();
      return false;
    }
    try {
      return await reapOrphan(parent, this.number, () => this.kill());
    } finally {
      await parent.resume();
    }
  }

  private async kill(): Promise<void> {
    const p = new Program(`end the copy of ${this.of}`);
    p.syscall('kill', [this.pid, SIGKILL], { expect: 'any' });
    p.wait(this.pid, DEATH_MS, p.out(8), { expect: 'any' });
    p.arm(this.slot, abi.AGENT_FORGET);
    await this.tracer.run(p);
  }
}

async function setOptions(task: Task, tid: number, options: number): Promise<void> {
  const p = new Program(`options of ${tid}`);
  p.syscall('ptrace', [PTRACE_SETOPTIONS, tid, 0, options]);
  await task.drive(p);
}

const ALL_SIGNALS = 0xffffffffffffffffn;
const RSEQ_CS_OFFSET = BigInt(rseq.rseq_cs);

/**
 * What the tracer does with a fork if this process dies: it kills the fork, stops the parent, which runs again by then,
 * and has it reap the fork. The steps find out all they need about the parent. The kernel detaches the parent when the
 * tracer ends.
 */
function endHangup(pid: number, number: number, host: Hold, task: Task): Program {
  const p = new Program(`end the copy of ${task.pid}`);
  // Any thread of the parent can reap the fork.
  const { tid, rseq, dispatch } = host.thread;
  const any = { expect: 'any' } as const;
  const options = SEIZE_OPTIONS | (host.suspendSeccomp ? PTRACE_O_SUSPEND_SECCOMP : 0);
  const back = new Mark();
  const end = new Mark();
  p.syscall('kill', [pid, SIGKILL], any);
  p.wait(pid, DEATH_MS, p.out(8), any);
  p.syscall('ptrace', [PTRACE_SEIZE, tid, 0, options], { orGoTo: end });
  p.syscall('ptrace', [PTRACE_INTERRUPT, tid, 0, 0], { orGoTo: end });
  p.stop(tid, STOP_MS, p.out(8), abi.AGENT_STOP_SEIZED, { orGoTo: end });
  const before = p.data(abi.UserRegs.size);
  planGetRegisters(p, tid, before, { orGoTo: end });
  // 32-bit code has other system calls.
  p.addOf(p.load64(p.at(before, abi.UserRegs[MODE.register])), -MODE.wide, { expect: 0, orGoTo: end });
  const mask = p.data(8);
  p.syscall('ptrace', [PTRACE_GETSIGMASK, tid, 8, mask], { orGoTo: end });
  const section = p.data(8);
  const sectionAt = rseq.pointer + RSEQ_CS_OFFSET;
  // The kernel clears the critical section of rseq(2) when other code runs.
  if (rseq.pointer) p.syscall('ptrace', [PTRACE_PEEKDATA, tid, sectionAt, section], any);
  if (dispatch) planSetDispatch(p, tid, undefined, 'any');
  p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, p.u64(ALL_SIGNALS)], { orGoTo: end });
  const regs = p.data(abi.UserRegs.size);
  p.copy(regs, before, abi.UserRegs.size);
  const args = [number, 0, __WALL, 0];
  planRemoteSyscall(p, { tid, at: task.syscallInsn, regs, nr: 'wait4', args, orGoTo: back });
  p.here(back);
  planSetRegisters(p, tid, before, any);
  p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, mask], any);
  if (rseq.pointer) p.syscall('ptrace', [PTRACE_POKEDATA, tid, sectionAt, p.load64(section)], any);
  if (dispatch) planSetDispatch(p, tid, dispatch, 'any');
  p.here(end);
  return p;
}

/**
 * Forks the task.
 * @returns the pid in its own namespace. Without an exit signal, the parent is not notified of its end, and only wait
 * calls with __WALL or __WCLONE see it.
 */
async function fork(session: Session): Promise<number> {
  const p = new Program('copy the memory');
  // The parent continues after the next step. If the fork ever ran by itself, it would execute that step.
  const parent = new Mark();
  const child = p.syscall('clone', [CLONE_FILES | CLONE_FS, 0, 0, 0, 0], { expect: 0, orGoTo: parent });
  p.syscall('exit_group', [0]);
  p.here(parent);
  const number = (await session.run(p)).value(child);
  if (number > 0) return number;
  throw new VictimError(session.task.pid, 'MEMORY', `cannot fork (errno ${-number})`);
}

/**
 * Has the kernel kill the fork first when memory runs out: pages that the task writes are copied, on the account of its
 * control group, and the fork looks as large as the task.
 */
function sacrifice(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // A fork that is not dumpable belongs to root.
  }
}

/** Pid, as this process sees it, of a child with the given pid in its own pid namespace. */
function childOf(parent: number, number: number): number {
  for (const tid of threadIds(parent))
    for (const child of text(`/proc/${parent}/task/${tid}/children`).split(' ').filter(Boolean)) {
      const numbers = /^NSpid:\s+(.*)$/m.exec(text(`/proc/${child}/status`))?.[1];
      if (Number(numbers?.split(/\s+/).at(-1)) === number) return Number(child);
    }
  throw new VictimError(parent, 'MEMORY', `its copy ${number} is not there`);
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
