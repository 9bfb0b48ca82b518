// A stopped process: the state of its threads, access to its memory, and releasing it.
import { abi, addon, errnoName, type SyscallName } from '@criu/native';
import { ESRCH, PTRACE_DETACH, PTRACE_SETSIGMASK, SIGSTOP } from '@criu/native/uapi';
import {
  parseRegisters,
  planSetRegisters,
  type Registers,
  syscallBehind,
  withRegisters,
} from './arch/index.js';
import { type CollectOptions, collect, type TaskState } from './collect.js';
import type { SyscallDispatch } from './dispatch.js';
import { StateError, VictimError } from './errors.js';
import { planSetXsave } from './parked.js';
import { accessMem, isSyscall, syscallAddress } from './proc.js';
import { Program } from './program.js';
import { ProgramError, type ProgramResult } from './program-result.js';
import type { RseqConfig, SeizedThread, ThreadStop } from './seize.js';
import { type InfectOptions, Session } from './session.js';
import type { Tracer } from './tracer.js';

/** A thread of a stopped task. */
export class Thread {
  readonly tid: number;
  readonly stopped: ThreadStop;
  readonly rseq: RseqConfig;
  readonly dispatch: SyscallDispatch | undefined;
  /** struct user_regs_struct with which the thread will continue. Empty for a thread in vfork(2). */
  regs: Buffer;
  /** Blocked signals, bit n - 1 for signal n. */
  sigmask: bigint;
  /** XSAVE area as returned by PTRACE_GETREGSET with NT_X86_XSTATE; set by `collect`. */
  xsave: Buffer | undefined;

  constructor(seized: SeizedThread) {
    this.tid = seized.tid;
    this.stopped = seized.stop;
    this.rseq = seized.rseq;
    this.dispatch = seized.dispatch;
    this.regs = seized.regs;
    this.sigmask = seized.sigmask;
  }

  get registers(): Registers {
    return parseRegisters(this.regs);
  }

  /** Whether code can be run in the thread. */
  get usable(): boolean {
    return this.stopped.kind !== 'vfork';
  }
}

export type TaskPhase = 'seized' | 'infected' | 'released' | 'dead';

/** Milliseconds to wait for each killed thread of several, round by round. */
const ROUNDS_MS = [5, 100];
/** Milliseconds to wait for each killed thread at last. */
const LAST_ROUND_MS = 1000;

export class Task {
  readonly threads: readonly Thread[];
  private readonly byTid: ReadonlyMap<number, Thread>;
  private phase: TaskPhase = 'seized';
  private current: Session | undefined;
  private syscallAt: bigint | undefined;

  /** @internal Created by Tracer.seize. */
  constructor(
    readonly tracer: Tracer,
    readonly pid: number,
    threads: readonly SeizedThread[],
  ) {
    this.threads = threads.map((t) => new Thread(t));
    this.byTid = new Map(this.threads.map((thread) => [thread.tid, thread]));
  }

  get state(): TaskPhase {
    return this.phase;
  }

  /** The session of an infected task. */
  get session(): Session | undefined {
    return this.current;
  }

  /** A thread by id; without an id, the first one in which code can be run. @throws VictimError NO_THREAD */
  thread(tid?: number): Thread {
    const found = tid === undefined ? this.threads.find((t) => t.usable) : this.byTid.get(tid);
    if (!found?.usable)
      throw new VictimError(
        this.pid,
        'NO_THREAD',
        found
          ? `thread ${found.tid} waits in vfork()`
          : tid
            ? `has no thread ${tid}`
            : 'all threads wait in vfork()',
      );
    return found;
  }

  /** @internal */
  expect(...wanted: TaskPhase[]): void {
    if (!wanted.includes(this.phase))
      throw new StateError(`task ${this.pid}`, this.phase, `this needs it ${wanted.join(' or ')}`);
  }

  /** @internal */
  enter(phase: TaskPhase, session?: Session): void {
    this.phase = phase;
    this.current = session;
    if (phase === 'released' || phase === 'dead') this.tracer.forget(this);
  }

  // ---- looking ------------------------------------------------------------------------------------------------

  /** Reads everything that ptrace reports of all threads, in one program (more only for large results). */
  async collect(options: CollectOptions = {}): Promise<TaskState> {
    this.expect('seized', 'infected');
    return collect(this, options);
  }

  /** Reads memory of the task. @throws VictimError MEMORY */
  readMemory(address: bigint, length: number): Buffer {
    this.expect('seized', 'infected');
    const bytes = Buffer.alloc(length);
    const n = addon().vmRead(this.pid, address, bytes);
    if (n === length) return bytes;
    try {
      // /proc/PID/mem also reads memory that the task itself may not read.
      if (accessMem(this.pid, address, bytes, false) === length) return bytes;
    } catch {
      // Reported below.
    }
    throw new VictimError(
      this.pid,
      'MEMORY',
      `cannot read ${length} bytes at 0x${address.toString(16)}${n < 0 ? `: ${errnoName(n)}` : ''}`,
    );
  }

  /** Writes memory of the task, including memory that it may not write itself (text). @throws VictimError MEMORY */
  writeMemory(address: bigint, bytes: Uint8Array): void {
    this.expect('seized', 'infected');
    const n = addon().vmWrite(this.pid, address, bytes);
    if (n === bytes.byteLength) return;
    try {
      if (accessMem(this.pid, address, bytes, true) === bytes.byteLength) return;
    } catch {
      // Reported below.
    }
    throw new VictimError(
      this.pid,
      'MEMORY',
      `cannot write ${bytes.byteLength} bytes at 0x${address.toString(16)}${n < 0 ? `: ${errnoName(n)}` : ''}`,
    );
  }

  // ---- changing what a thread goes on with ---------------------------------------------------------------------

  /** Changes general registers of a thread. */
  async setRegisters(tid: number, changes: Partial<Registers> | Uint8Array): Promise<void> {
    this.expect('seized');
    const thread = this.thread(tid);
    const regs = changes instanceof Uint8Array ? Buffer.from(changes) : withRegisters(thread.regs, changes);
    const p = new Program('set registers');
    planSetRegisters(p, tid, p.data(regs));
    await this.drive(p);
    thread.regs = regs;
  }

  /** Replaces the XSAVE area of a thread. */
  async setXsave(tid: number, xsave: Uint8Array): Promise<void> {
    this.expect('seized');
    const thread = this.thread(tid);
    const p = new Program('set XSAVE area');
    planSetXsave(p, tid, xsave);
    await this.drive(p);
    thread.xsave = Buffer.from(xsave);
  }

  /** Replaces the set of blocked signals of a thread. */
  async setSigmask(tid: number, sigmask: bigint): Promise<void> {
    this.expect('seized');
    const thread = this.thread(tid);
    const p = new Program('set signal mask');
    p.syscall('ptrace', [PTRACE_SETSIGMASK, tid, 8, p.u64(sigmask)]);
    await this.drive(p);
    thread.sigmask = sigmask;
  }

  // ---- running code in it --------------------------------------------------------------------------------------

  /** @internal Address of a `syscall` instruction in the task. */
  get syscallInsn(): bigint {
    if (this.syscallAt !== undefined) return this.syscallAt;
    // A thread that waits in a system call has just executed such an instruction.
    const before = this.threads
      .map((thread) => (thread.usable ? syscallBehind(thread.regs) : undefined))
      .find((at) => at !== undefined);
    const found =
      before !== undefined && isSyscall(this.pid, before)
        ? { address: before, vdsoOffset: undefined }
        : syscallAddress(this.pid, this.tracer.vdsoSyscall);
    if (!found) throw new VictimError(this.pid, 'MEMORY', 'no code of it has a syscall instruction');
    this.tracer.vdsoSyscall ??= found.vdsoOffset;
    this.syscallAt = found.address;
    return found.address;
  }

  /**
   * Makes one system call in the task, without mapping or writing anything there. Addresses are those of the task.
   * @returns the result; a negated errno on failure
   * @throws VictimError
   */
  async syscall(nr: SyscallName | number, args: readonly (number | bigint)[] = []): Promise<bigint> {
    this.expect('seized');
    if (args.length > 6) throw new RangeError('a system call takes at most six arguments');
    const session = await this.infect({ map: false });
    try {
      return await session.bareSyscall(nr, args);
    } finally {
      if (this.phase === 'infected') await session.cure();
    }
  }

  /** Maps the agent into the task. @throws VictimError, StateError */
  async infect(options: InfectOptions = {}): Promise<Session> {
    this.expect('seized');
    const session = new Session(this, options);
    this.enter('infected', session);
    try {
      await session.open();
    } catch (error) {
      if (this.phase === 'infected') await session.cure().catch(() => undefined);
      throw error;
    }
    return session;
  }

  // ---- letting it go -------------------------------------------------------------------------------------------

  /** Cures the task if necessary and lets all threads run; a job-control stop stays in force. */
  async resume(): Promise<void> {
    await this.release(new Program(`resume ${this.pid}`));
  }

  /** Releases the task with a pending SIGSTOP: it stays stopped until it gets SIGCONT. */
  async leaveStopped(): Promise<void> {
    await this.release(new Program(`leave ${this.pid} stopped`), true);
  }

  private async release(p: Program, stop = false): Promise<void> {
    this.expect('seized', 'infected');
    const session = this.current;
    if (session) await session.planCure(p);
    // Added after the cure: its system calls hold back all signals that arrive.
    if (stop) p.syscall('kill', [this.pid, SIGSTOP], { expect: 'any' });
    for (const t of this.threads)
      if (t.usable) p.syscall('ptrace', [PTRACE_DETACH, t.tid, 0, 0], { label: `detach ${t.tid}` });
    await this.drive(p);
    session?.closed();
    for (const t of this.threads) if (!t.usable) this.tracer.letGo(t.tid);
    this.enter('released');
  }

  /** Kills the task and waits until it is dead (its parent still has to reap it). */
  async kill(): Promise<void> {
    await this.tracer.killMany([this.pid]);
    await this.tracer.dead();
  }

  /** @internal Records its death. Dead tracees have to be waited for, so that the parent is notified. */
  async died(): Promise<void> {
    if (this.phase === 'dead') return;
    const slots = this.current?.slots ?? [];
    this.current?.closed();
    this.enter('dead');
    const p = new Program(`reap ${this.pid}`);
    for (const slot of slots) p.arm(slot, abi.AGENT_FORGET);
    const status = p.out(8);
    // The last thread of a pid namespace's init waits in its exit until all others are reaped, and it may be any of the
    // threads. On a busy machine threads end late, and in any order. So no thread is waited for long while others are still to be
    // reaped. For one that was reaped the call fails at once.
    const threads = [...this.threads].reverse();
    for (const t of threads) p.syscall('ptrace', [PTRACE_DETACH, t.tid, 0, 0], { expect: 'any' });
    for (const ms of threads.length > 1 ? [...ROUNDS_MS, LAST_ROUND_MS] : [LAST_ROUND_MS])
      for (const t of threads) p.wait(t.tid, ms, status, { expect: 'any' });
    await this.tracer.run(p);
  }

  /** @internal Records an execve(2): the other threads have ended, and injected code is gone. */
  async execed(): Promise<void> {
    const slots = this.current?.slots ?? [];
    this.current?.closed();
    this.enter('released');
    const p = new Program(`let go of ${this.pid} after execve`);
    for (const slot of slots) p.arm(slot, abi.AGENT_FORGET);
    for (const t of this.threads) p.syscall('ptrace', [PTRACE_DETACH, t.tid, 0, 0], { expect: 'any' });
    await this.tracer.run(p);
  }

  /** @internal Runs a program of the tracer for this task; the death of the task becomes a VictimError. */
  async drive(p: Program): Promise<ProgramResult> {
    try {
      return await this.tracer.run(p);
    } catch (error) {
      if (!(error instanceof ProgramError) || error.errno !== ESRCH) throw error;
      await this.died();
      const gone = new VictimError(this.pid, 'DIED', `died (${error.message})`);
      gone.cause = error;
      throw gone;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.phase === 'released' || this.phase === 'dead') return;
    try {
      await this.resume();
    } catch (error) {
      if (!(error instanceof VictimError && error.code === 'DIED')) throw error;
    }
  }
}
