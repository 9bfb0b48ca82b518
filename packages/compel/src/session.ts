// An infected task: the agent is mapped into it, and programs run in its threads, until the cure.
import { abi, type SyscallName } from '@criu/native';
import { PROT_READ, PROT_WRITE, PTRACE_SETOPTIONS, SIGSTOP } from '@criu/native/uapi';
import { StateError, VictimError } from './errors.js';
import { FdPassing } from './fds.js';
import { examineThread, type Hold, holdHangup, planHold, planPutBack, type ThreadLook } from './holds.js';
import { Program } from './program.js';
import type { EncodedProgram } from './program-code.js';
import { decodeOutcome, type ProgramResult } from './program-result.js';
import { SEIZE_OPTIONS } from './ptrace.js';
import { planRemoteSyscall } from './remote.js';
import { runTrap } from './run.js';
import { runEach } from './run-each.js';
import { type Mapping, SessionMemory } from './session-memory.js';
import type { Task } from './task.js';
import { Twin } from './twin.js';

export interface InfectOptions {
  /** Bytes for programs, their data and results. */
  readonly bufferBytes?: number;
  /** @internal false: only prepare a thread for single system calls, without mapping the agent. */
  readonly map?: boolean;
}

export interface RunOptions {
  /** The thread that runs the program; default: the main thread. */
  readonly tid?: number;
  /** Time limit in milliseconds; default: none. */
  readonly timeoutMs?: number;
}

/** Where a thread runs programs: context, stack and buffer. */
export interface Slice {
  readonly ctx: bigint;
  readonly stackTop: bigint;
  readonly buffer: bigint;
  readonly bufferBytes: number;
  /** Runs in one slice follow each other. */
  queue: Promise<unknown>;
}

const BUFFER_BYTES = 256 << 10;
const SLICE_BYTES = 0x10000;
const SLICE_STACK_TOP = 0x5000;

export class Session {
  /** Held threads, the host of the session first. */
  readonly holds = new Map<number, Hold>();
  private readonly memory = new SessionMemory(this);
  private readonly slices = new Map<number, Slice>();
  private readonly readying = new Map<number, Promise<void>>();
  private threadSlices: Promise<bigint> | undefined;
  private readonly fdPassing: FdPassing;
  /** Signals that arrived while foreign code was running, as a mask; they are sent again at the cure. */
  heldSignals = 0n;
  /** @internal Runs in progress are being cancelled. */
  stopping = false;
  private readonly busy = new Set<number>();
  private phase: 'open' | 'cured' = 'open';
  private region = 0n;
  private regionBytes = 0;

  /** @internal Created by Task.infect. */
  constructor(
    readonly task: Task,
    private readonly options: InfectOptions,
  ) {
    this.fdPassing = new FdPassing(this);
  }

  get active(): boolean {
    return this.phase === 'open';
  }

  /** What the session has mapped in the task. */
  get mappings(): readonly Mapping[] {
    return this.memory.mappings;
  }

  /** @internal The thread in which the session makes its own system calls. */
  get host(): Hold {
    for (const hold of this.holds.values()) return hold;
    throw new StateError(`session of ${this.task.pid}`, this.phase, 'it holds no thread');
  }

  /** @internal Address of a `syscall` instruction in the agent, which forks of the task have as well. */
  get agentSyscall(): bigint {
    return this.region + BigInt(abi.AGENT_TEXT_OFFSET + abi.AGENT_ENTRY_SYSCALL);
  }

  /** Forks the task; the memory of the fork stays as it is now. @throws VictimError, ProgramError */
  async copy(): Promise<Twin> {
    this.need();
    return Twin.make(this);
  }

  private need(): void {
    if (this.phase !== 'open')
      throw new StateError(`session of ${this.task.pid}`, this.phase, 'infect the task again');
  }

  // ---- opening -------------------------------------------------------------------------------------------------

  /** @internal */
  async open(): Promise<void> {
    const tid = this.task.thread().tid;
    if (this.options.map === false) {
      await this.hold(tid);
      return;
    }
    // The program that maps the agent first prepares the thread; if seccomp is active and cannot be suspended, it ends
    // there.
    const host = this.newHold(tid);
    this.readying.set(tid, Promise.resolve());
    const wanted = this.options.bufferBytes ?? BUFFER_BYTES;
    this.regionBytes = (abi.AGENT_BUFFER_OFFSET + wanted + 4095) & ~4095;
    const image = this.task.tracer.agentImage;
    this.region = await this.memory.mapCode(
      this.regionBytes,
      abi.AGENT_TEXT_OFFSET,
      abi.AGENT_TEXT_SIZE,
      (p) => planHold(p, host),
    );
    const slice: Slice = {
      ctx: this.region,
      stackTop: this.region + BigInt(abi.AGENT_STACK_OFFSET + abi.AGENT_STACK_SIZE),
      buffer: this.region + BigInt(abi.AGENT_BUFFER_OFFSET),
      bufferBytes: this.regionBytes - abi.AGENT_BUFFER_OFFSET,
      queue: Promise.resolve(),
    };
    this.context(slice).copy(image);
    this.task.writeMemory(this.region, image);
    this.slices.set(host.thread.tid, slice);
  }

  /** Prepares a thread for foreign code; from then on the tracer restores it if this process dies. */
  private async hold(tid: number): Promise<Hold> {
    let hold = this.holds.get(tid);
    if (!hold) {
      hold = this.newHold(tid);
      const p = new Program(`hold ${tid}`);
      planHold(p, hold);
      this.readying.set(
        tid,
        this.task.drive(p).then(() => undefined),
      );
    }
    await this.readying.get(tid);
    return hold;
  }

  private newHold(tid: number): Hold {
    const hold = examineThread(this.task, this.task.thread(tid));
    this.holds.set(tid, hold);
    this.task.tracer.keep(hold.slot, holdHangup(hold), true);
    return hold;
  }

  private context(slice: Slice): Buffer {
    const ctx = Buffer.alloc(abi.AgentCtx.out_fds);
    ctx.writeBigUInt64LE(this.region, abi.AgentCtx.self);
    ctx.writeBigUInt64LE(BigInt(this.regionBytes), abi.AgentCtx.region_size);
    ctx.writeBigUInt64LE(slice.buffer, abi.AgentCtx.buffer);
    ctx.writeBigUInt64LE(BigInt(slice.bufferBytes), abi.AgentCtx.buffer_size);
    ctx.writeInt32LE(-1, abi.AgentCtx.control);
    return ctx;
  }

  /** Maps writable and executable memory. @throws VictimError MAP_FAILED */
  mapCode(length: number, textOffset: number, textLength: number): Promise<bigint> {
    this.need();
    return this.memory.mapCode(length, textOffset, textLength);
  }

  /** Maps anonymous memory; the cure unmaps it. @throws VictimError MAP_FAILED */
  map(length: number, prot: number): Promise<bigint> {
    this.need();
    return this.memory.map(length, prot);
  }

  // ---- running -------------------------------------------------------------------------------------------------

  /** Makes one system call in the host thread, without the agent. @returns its result; a negated errno on failure */
  async bareSyscall(nr: SyscallName | number, args: readonly (number | bigint)[]): Promise<bigint> {
    this.need();
    const { thread } = this.host;
    const p = new Program(`system call ${nr} in ${thread.tid}`);
    const at = this.task.syscallInsn;
    const step = planRemoteSyscall(p, { tid: thread.tid, at, regs: thread.regs, nr, args });
    return (await this.task.drive(p)).big(step);
  }

  /** Runs a program in a thread of the task. @throws ProgramError, VictimError, StateError */
  async run(program: Program, options: RunOptions = {}): Promise<ProgramResult> {
    this.need();
    if (this.options.map === false)
      throw new StateError(`session of ${this.task.pid}`, 'without an agent', 'it takes system calls only');
    const tid = options.tid ?? this.host.thread.tid;
    const slice = this.slices.get(tid) ?? (await this.threadSlice(tid));
    const turn = slice.queue.then(() => this.runIn(slice, tid, program.title, program.encode(), options));
    slice.queue = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Runs a program in each of several threads, one after the other, in one go; for state that only the thread itself
   * can read. The programs must not transfer descriptors, block, or execute other programs.
   * @param looks what /proc/PID/status says of the threads, if the caller knows it already
   * @throws ProgramError, VictimError, StateError
   */
  async runEach(
    programs: ReadonlyMap<number, Program>,
    looks?: ReadonlyMap<number, ThreadLook>,
  ): Promise<Map<number, ProgramResult>> {
    this.need();
    const slice = this.slices.get(this.host.thread.tid);
    if (!slice)
      throw new StateError(`session of ${this.task.pid}`, 'without an agent', 'it takes system calls only');
    const runs = [...programs].map(([tid, program]) => ({
      tid,
      title: program.title,
      program: program.encode(),
    }));
    const others = [...this.slices.values()].filter((other) => other !== slice).map((other) => other.queue);
    const turn = Promise.all([slice.queue, ...others]).then(() => runEach(this, slice, runs, looks));
    for (const each of this.slices.values()) each.queue = turn.catch(() => undefined);
    const results = new Map<number, ProgramResult>();
    const outcomes = await turn;
    for (const [i, { tid, title, program }] of runs.entries()) {
      const outcome = outcomes[i];
      if (outcome) results.set(tid, decodeOutcome(`task ${tid}: ${title}`, program, outcome));
    }
    return results;
  }

  private async runIn(
    slice: Slice,
    tid: number,
    title: string,
    program: EncodedProgram,
    options: RunOptions,
  ): Promise<ProgramResult> {
    this.need();
    const { task } = this;
    const [H, O] = [abi.AgentProg, abi.AgentOp];
    const { bytes } = program;
    const { nrOps } = program;
    const resultsAt = (bytes.length + 7) & ~7;
    if (resultsAt + nrOps * 8 > slice.bufferBytes)
      throw new VictimError(
        task.pid,
        'TOO_BIG',
        `program "${title}" needs ${resultsAt + nrOps * 8} bytes, the buffer of thread ${tid} has ${slice.bufferBytes} (infect with bufferBytes)`,
      );
    let disarm: number | undefined;
    if (program.fds.length > 0) {
      // The host can receive descriptors itself; for another thread, the host has to do it in a run of its own.
      const direct = tid === this.host.thread.tid;
      const receive = (p: Program) =>
        direct ? this.runIn(slice, tid, p.title, p.encode(), {}) : this.run(p);
      const { numbers, slot } = await this.fdPassing.pass(program.fds, receive);
      disarm = slot;
      const at = H.size + nrOps * O.size + bytes.readUInt32LE(H.fds_offset);
      for (const [i, fd] of numbers.entries()) bytes.writeInt32LE(fd, at + i * 4);
    }
    const hold = await this.hold(tid);
    task.writeMemory(slice.buffer, bytes);
    this.busy.add(tid);
    try {
      await runTrap(this, hold, slice, title, options.timeoutMs, disarm);
    } finally {
      this.busy.delete(tid);
    }
    const head = task.readMemory(slice.buffer, H.size);
    const replyFrom = H.size + nrOps * O.size + bytes.readUInt32LE(H.reply_offset);
    const tail = task.readMemory(slice.buffer + BigInt(replyFrom), resultsAt + nrOps * 8 - replyFrom);
    return decodeOutcome(`task ${tid}: ${title}`, program, {
      results: tail.subarray(resultsAt - replyFrom),
      reply: tail.subarray(0, program.replySize),
      failedAt: head.readInt32LE(H.failed_at),
      steps: head.readUInt32LE(H.steps),
      fds: program.program.sends ? this.fdPassing.fetch(slice.ctx) : [],
    });
  }

  /** The slice of a thread other than the host; slices for all threads are mapped on first use. */
  private async threadSlice(tid: number): Promise<Slice> {
    const others = this.task.threads.filter((t) => t.tid !== this.host.thread.tid);
    this.task.thread(tid);
    this.threadSlices ??= this.map(others.length * SLICE_BYTES, PROT_READ | PROT_WRITE);
    const base = await this.threadSlices;
    await this.hold(tid);
    const known = this.slices.get(tid);
    if (known) return known;
    const at = base + BigInt(others.findIndex((t) => t.tid === tid) * SLICE_BYTES);
    const slice: Slice = {
      ctx: at,
      stackTop: at + BigInt(SLICE_STACK_TOP),
      buffer: at + BigInt(SLICE_STACK_TOP),
      bufferBytes: SLICE_BYTES - SLICE_STACK_TOP,
      queue: Promise.resolve(),
    };
    this.task.writeMemory(at, this.context(slice));
    this.slices.set(tid, slice);
    return slice;
  }

  /** @internal Saves the XSAVE area of a thread and restores it later, as C code will run in it. */
  async keepXsave(tid = this.host.thread.tid): Promise<void> {
    const hold = await this.hold(tid);
    if (hold.dirtyXsave) return;
    // Code that has run so far does not touch vector registers, so these are still the task's own.
    if (!hold.thread.xsave) await this.task.collect();
    hold.dirtyXsave = true;
    this.task.tracer.keep(hold.slot, holdHangup(hold), true);
  }

  /** @internal Threads that are stopped and run no program. */
  idleThreads(): number[] {
    return this.task.threads.filter((t) => t.usable && !this.busy.has(t.tid)).map((t) => t.tid);
  }

  /** @internal Address of an entry point of the agent. */
  entry(offset: number): bigint {
    return this.region + BigInt(abi.AGENT_TEXT_OFFSET + offset);
  }

  /** @internal Slots of the session's kept programs. */
  get slots(): number[] {
    const all = [...this.memory.mappings, ...this.holds.values()].map((held) => held.slot);
    return [...this.fdPassing.slots, ...all];
  }

  /** Copies a descriptor of the task, close-on-exec. @throws SysError */
  getFd(fd: number): number {
    this.need();
    return this.fdPassing.get(fd);
  }

  // ---- cure ----------------------------------------------------------------------------------------------------

  /** @internal Steps that undo everything. Runs in progress are cancelled. */
  async planCure(p: Program): Promise<void> {
    this.stopping = true;
    const running = [...this.slices.values()].map((s) => s.queue);
    await Promise.allSettled(running);
    await Promise.allSettled(this.readying.values());
    if (this.holds.size === 0) return;
    const { thread } = this.host;
    const call = (nr: 'munmap' | 'close', args: (number | bigint)[]) =>
      planRemoteSyscall(
        p,
        { tid: thread.tid, at: this.task.syscallInsn, regs: thread.regs, nr, args },
        nr === 'munmap' ? { expect: 0, label: 'unmap the agent' } : { expect: 'any' },
      );
    for (const fd of this.fdPassing.remoteFds) call('close', [fd]);
    for (const { address, length } of this.memory.mappings) call('munmap', [address, length]);
    for (const hold of this.holds.values()) {
      planPutBack(p, hold, 'ok');
      if (hold.suspendSeccomp)
        p.syscall('ptrace', [PTRACE_SETOPTIONS, hold.thread.tid, 0, SEIZE_OPTIONS], { expect: 'any' });
    }
    for (const slot of this.slots) p.arm(slot, abi.AGENT_FORGET);
    for (let signal = 1; signal <= 64; signal++)
      if ((this.heldSignals >> BigInt(signal - 1)) & 1n)
        p.syscall('kill', [this.task.pid, signal], {
          expect: 'any',
          label: signal === SIGSTOP ? 'stop again' : 'held signal',
        });
  }

  /** Removes the agent from the task and restores its threads; they stay stopped. */
  async cure(): Promise<void> {
    this.need();
    const p = new Program(`cure ${this.task.pid}`);
    await this.planCure(p);
    await this.task.drive(p);
    this.closed();
    this.task.enter('seized');
  }

  /** @internal Marks the session as ended. */
  closed(): void {
    this.phase = 'cured';
    this.fdPassing.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.phase === 'open' && this.task.state === 'infected') await this.cure();
  }
}
