// The tracer: a separate agent process that does all ptrace work, so that no thread of this process ever blocks, and
// that restores every traced task if this process dies.
import { readFileSync } from 'node:fs';
import { abi, agentBlobPath, SYS } from '@criu/native';
import { EACCES, PTRACE_DETACH, PTRACE_KILL, SIGKILL } from '@criu/native/uapi';
import { Agent } from './agent.js';
import { StopError } from './errors.js';
import { stopByJobControl } from './group-stop.js';
import { Mark } from './operands.js';
import {
  type FinalThread,
  type ParkedTask,
  planCalls,
  planFinal,
  type RemoteCall,
  type RemoteRange,
  runParked,
  seizeParked,
} from './parked.js';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import { announce, gather } from './seize.js';
import { Task } from './task.js';

/** Number of threads that fit into one program. */
const MOST_THREADS = 1024;

export interface TracerOptions {
  /** Bytes for programs and their results. */
  readonly bufferBytes?: number;
}

export interface SeizeOptions {
  /** Milliseconds for all threads to stop. */
  readonly timeoutMs?: number;
}

const BUFFER_BYTES = 64 << 20;
/** Programs are split at this size, so that replies fit into the buffer. */
const BATCH_BYTES = BUFFER_BYTES / 4;
/** Number of processes per program. */
const ANNOUNCED_AT_ONCE = 256;
const KILLED_AT_ONCE = 1024;

export class Tracer {
  private readonly tasks = new Map<number, Task>();
  /** Threads that will stop before they run on, by process. */
  private readonly announced = new Map<number, readonly number[]>();
  private readonly letting = new Map<number, NodeJS.Timeout>();
  private readonly dying: Promise<void>[] = [];
  private slots = 1;
  /** @internal What is mapped into tasks: space for the context, then the agent's text. */
  readonly agentImage: Buffer = Buffer.concat([
    Buffer.alloc(abi.AGENT_TEXT_OFFSET),
    readFileSync(agentBlobPath()),
  ]);
  /** @internal Offset of a `syscall` instruction in the vDSO of 64-bit tasks, once known. */
  vdsoSyscall: bigint | undefined;

  private constructor(private readonly agent: Agent) {}

  /** Starts the tracer process. @throws SysError */
  static async start(options: TracerOptions = {}): Promise<Tracer> {
    const agent = Agent.start({ name: 'tracer', bufferBytes: options.bufferBytes ?? BUFFER_BYTES });
    // Tasks that were just released must not delay the release of others. A failure does not matter.
    const p = new Program('priority');
    p.syscall('setpriority', [0, 0, -20], { expect: 'any' });
    // Not awaited: if the agent dies, the next program reports it.
    agent.run(p).catch(() => undefined);
    return new Tracer(agent);
  }

  /** Pid of the tracer process. */
  get pid(): number {
    return this.agent.pid;
  }

  /** Largest size in bytes of a program that is sent in one piece. */
  get batchBytes(): number {
    return BATCH_BYTES;
  }

  /** Tasks that are stopped by this tracer. */
  get seized(): readonly Task[] {
    return [...this.tasks.values()];
  }

  /** Stops all threads of a process. @throws StopError */
  async seize(pid: number, options: SeizeOptions = {}): Promise<Task> {
    const [task] = await this.seizeMany([pid], options);
    if (!task) throw new StopError(pid, 'NO_SUCH_TASK', 'there is no such task');
    return task;
  }

  /** Stops several processes in the same passes; all or none. @throws StopError of the first that cannot be stopped */
  async seizeMany(pids: readonly number[], options: SeizeOptions = {}): Promise<Task[]> {
    const results = await this.trySeizeMany(pids, options);
    const failed = results.find((r): r is StopError => r instanceof StopError);
    const tasks = results.filter((r): r is Task => r instanceof Task);
    if (!failed) return tasks;
    await this.releaseMany(tasks);
    throw failed;
  }

  /** Like seizeMany, but a task that cannot be stopped has its error in its place of the result. */
  async trySeizeMany(pids: readonly number[], options: SeizeOptions = {}): Promise<(Task | StopError)[]> {
    const refused = new Map<number, StopError>();
    for (const pid of pids) {
      if (pid === process.pid || pid === this.agent.pid)
        refused.set(pid, new StopError(pid, 'SELF', 'it is this very process or its tracer'));
      else if (this.tasks.has(pid)) refused.set(pid, new StopError(pid, 'TRACED', 'it is stopped already'));
    }
    const wanted = [...new Set(pids)].filter((pid) => !refused.has(pid));
    const gathered = await gather((p) => this.run(p), wanted, options.timeoutMs ?? 10_000, {
      announced: this.announced,
    });
    for (const pid of wanted) this.announced.delete(pid);
    const tasks = new Map<number, Task>();
    for (const g of gathered) {
      if (g.error) {
        refused.set(g.pid, g.error);
        await this.detachAll(g.threads.filter((t) => t.stop.kind !== 'vfork').map((t) => t.tid));
        for (const tid of g.late) this.letGo(tid);
        for (const t of g.threads) if (t.stop.kind === 'vfork') this.letGo(t.tid);
        continue;
      }
      const task = new Task(this, g.pid, g.threads);
      tasks.set(g.pid, task);
      this.tasks.set(g.pid, task);
    }
    return pids.map(
      (pid) =>
        refused.get(pid) ?? tasks.get(pid) ?? new StopError(pid, 'NO_SUCH_TASK', 'there is no such task'),
    );
  }

  /**
   * Has all threads of processes stop before they run on, without waiting for that: threads of a frozen cgroup stop
   * when it is thawed. The processes have to be seized afterwards, which also reports those that cannot be stopped.
   */
  async announceStop(pids: readonly number[]): Promise<void> {
    for (const part of chunks(pids, ANNOUNCED_AT_ONCE)) {
      const seized = await announce((p) => this.run(p), part);
      for (const [pid, tids] of seized) this.announced.set(pid, tids);
    }
  }

  /** Cures and releases several tasks in as few round trips as possible. */
  async releaseMany(tasks: readonly Task[]): Promise<void> {
    await Promise.all(tasks.map((task) => task.resume()));
  }

  /**
   * Kills stopped processes in the given order. When this resolves, none of them runs any more, so that none notices
   * the death of another; all are dead when `dead` resolves, or when the tracer is closed. The tracer frees the memory
   * of those in `large` itself (process_mrelease(2)): it does that with its own priority, and while they exit on another
   * CPU.
   * @param killed called when all were killed and none was waited for, so that their ids are still theirs
   */
  async killMany(pids: readonly number[], large: readonly number[] = [], killed = () => {}): Promise<void> {
    const tasks = pids.flatMap((pid) => this.tasks.get(pid) ?? []);
    for (const part of chunks(tasks, KILLED_AT_ONCE)) {
      const p = new Program(`kill ${part.map(({ pid }) => pid).join(', ')}`);
      const kills = part.map((task) => {
        task.expect('seized', 'infected');
        return p.syscall('kill', [task.pid, SIGKILL], { expect: 'any' });
      });
      const result = await this.run(p);
      await this.killAsTracer(
        part.filter((_, i) => kills[i] !== undefined && result.value(kills[i]) === -EACCES),
      );
    }
    killed();
    if (large.length > 0) this.freeMemory(large);
    for (const task of tasks) {
      const death = task.died();
      // A failure is reported by `dead`; until then the rejection must not count as unhandled.
      death.catch(() => undefined);
      this.dying.push(death);
    }
  }

  /** Kills tasks whose security module (AppArmor) refuses signals of others: ptrace(2) is not asked for each signal. */
  private async killAsTracer(tasks: readonly Task[]): Promise<void> {
    if (tasks.length === 0) return;
    const p = new Program('kill traced tasks');
    for (const { pid } of tasks)
      p.syscall('ptrace', [PTRACE_KILL, pid, 0, 0], { label: `kill ${pid} by ptrace` });
    await this.run(p);
  }

  /** Frees memory of killed tasks. A task whose memory another process shares, or that is dead already, is skipped. */
  private freeMemory(pids: readonly number[]): void {
    for (const part of chunks(pids, KILLED_AT_ONCE)) {
      const p = new Program('free the memory of killed tasks');
      for (const pid of part) {
        const pidfd = p.syscall('pidfd_open', [pid, 0], { expect: 'any' });
        p.syscall('process_mrelease', [pidfd, 0], { expect: 'any' });
        p.syscall('close', [pidfd], { expect: 'any' });
      }
      // Nothing depends on it, and a tracer that has died is reported by the programs that follow.
      this.run(p).catch(() => undefined);
    }
  }

  /** Resolves when the killed tasks are dead (their parents still have to reap them). */
  async dead(): Promise<void> {
    await Promise.all(this.dying);
  }

  /** Cures all infected tasks; they stay stopped. */
  async cureAll(): Promise<void> {
    const infected = this.seized.filter(({ state }) => state === 'infected');
    await Promise.all(infected.map(({ session }) => session?.cure()));
  }

  // ---- the last steps of a restore ---------------------------------------------------------------------------

  /**
   * Stops tasks whose threads wait in a system call of their agent, without recording their state.
   * @throws StopError
   */
  async seizeParked(tasks: readonly ParkedTask[]): Promise<void> {
    let part: ParkedTask[] = [];
    let threads = 0;
    for (const task of tasks) {
      if (part.length > 0 && threads + task.tids.length > MOST_THREADS) {
        await seizeParked((p) => this.run(p), part);
        part = [];
        threads = 0;
      }
      part.push(task);
      threads += task.tids.length;
    }
    if (part.length > 0) await seizeParked((p) => this.run(p), part);
  }

  /** Sets the final state of threads, in one program for many threads. */
  async setFinal(threads: readonly FinalThread[]): Promise<void> {
    for (const part of chunks(threads, MOST_THREADS)) {
      const p = new Program('final state');
      for (const thread of part) planFinal(p, thread);
      await this.run(p);
    }
  }

  /**
   * Unmaps ranges of a task by remote system calls. General registers are lost.
   * @param at address of a `syscall` instruction in the task. It may be in the last range, since the task is stopped
   * before it would return there.
   */
  async munmapRemote(tid: number, at: bigint, ranges: readonly RemoteRange[]): Promise<void> {
    const calls = ranges.map(({ address, length }) => ({ nr: SYS.munmap, args: [address, length] }));
    if (calls.length > 0) await this.callsRemote([{ tid, at, calls }]);
  }

  /** Has a parked thread run a program with the agent of its task at `region`. @throws ProgramError */
  async runParked(pid: number, tid: number, region: bigint, program: Program): Promise<void> {
    await runParked((p) => this.run(p), pid, tid, region, program);
  }

  /** Makes system calls in many parked tasks, in order for each task, in as few programs as possible. */
  async callsRemote(
    tasks: readonly { tid: number; at: bigint; calls: readonly RemoteCall[] }[],
  ): Promise<void> {
    for (const part of chunks(tasks, 256)) {
      const p = new Program('last system calls');
      for (const t of part) planCalls(p, t.tid, t.at, t.calls);
      await this.run(p);
    }
  }

  /**
   * Puts a process into a job-control stop while all its threads, the leader first, are in ptrace stops. It stays
   * stopped when it is released; until then the tracer can still control it. Its signal masks have to be set
   * afterwards.
   */
  async stopParked(pid: number, tids: readonly number[], signal: number): Promise<void> {
    await stopByJobControl((p) => this.run(p), pid, tids, signal);
  }

  /**
   * Has processes killed, traced or not, if this process dies before the tracer is closed. The tracer holds a pidfd for
   * each, as far as RLIMIT_NOFILE permits.
   */
  async endWithUs(pids: readonly number[]): Promise<void> {
    const look = new Program('pidfds');
    const opened = pids.map((pid) => look.syscall('pidfd_open', [pid, 0], { expect: 'any' }));
    const fds = await this.run(look);
    const end = new Program('end the tasks');
    for (const step of opened)
      if (fds.value(step) >= 0)
        end.syscall('pidfd_send_signal', [fds.value(step), SIGKILL, 0, 0], { expect: 'any' });
    this.keepFirst(end);
  }

  /** Detaches threads. */
  async detachAll(tids: readonly number[]): Promise<void> {
    if (tids.length === 0) return;
    const p = new Program('detach');
    for (const tid of tids) p.syscall('ptrace', [PTRACE_DETACH, tid, 0, 0], { expect: 'any' });
    await this.run(p);
  }

  // ---- inner -------------------------------------------------------------------------------------------------

  /** Runs a program in the tracer process itself. */
  run(program: Program): Promise<ProgramResult> {
    return this.agent.run(program);
  }

  /**
   * Keeps a program that the tracer runs if this process dies, before any task is released; the latest kept program
   * runs first.
   * @returns its slot; a program kept again in the same slot counts as the latest
   */
  keepFirst(program: Program, slot = this.newSlot()): number {
    this.agent.keep(slot, program, true, 'first');
    return slot;
  }

  /** Keeps a program that runs after all tasks have been released that are infected after this call. */
  keepLast(program: Program): number {
    const slot = this.newSlot();
    this.agent.keep(slot, program, true);
    return slot;
  }

  /** @internal Keeps a program that runs after all tasks have been released that are infected now. */
  keepBehind(program: Program): number {
    const slot = this.newSlot();
    this.agent.keep(slot, program, true, 'last');
    return slot;
  }

  /** Removes a program of {@link keepFirst} or {@link keepLast}. */
  dropKept(slot: number): void {
    this.agent.keep(slot, new Program('forget'), false);
  }

  /** @internal Keeps a program for the case that this process dies. */
  keep(slot: number, program: Program, armed: boolean): void {
    this.agent.keep(slot, program, armed);
  }

  /** @internal */
  newSlot(): number {
    return this.slots++;
  }

  /** @internal */
  forget(task: Task): void {
    if (this.tasks.get(task.pid) === task) this.tasks.delete(task.pid);
  }

  /** @internal Detaches a thread as soon as it stops; at the latest when the tracer exits. */
  letGo(tid: number, delayMs = 2): void {
    const timer = setTimeout(() => {
      this.letting.delete(tid);
      if (!this.agent.alive) return;
      const p = new Program('let go');
      const end = new Mark();
      const stop = p.stop(tid, 0, p.out(8), abi.AGENT_STOP_SEIZED, { orGoTo: end });
      p.syscall('ptrace', [PTRACE_DETACH, tid, 0, 0], { expect: 'any' });
      p.here(end);
      this.run(p).then(
        (r) => {
          if (r.value(stop) === -110) this.letGo(tid, Math.min(delayMs * 2, 50));
        },
        () => undefined,
      );
    }, delayMs);
    timer.unref();
    this.letting.set(tid, timer);
  }

  /** Cures and releases every task and ends the tracer. */
  async close(): Promise<void> {
    for (const timer of this.letting.values()) clearTimeout(timer);
    await Promise.allSettled(this.dying);
    if (this.agent.alive) await Promise.allSettled([...this.tasks.values()].map((task) => task.resume()));
    this.tasks.clear();
    // The kernel detaches the remaining threads.
    await this.agent.exit();
  }

  /**
   * Ends the tracer without waiting for it, in a process that exits at once: none of the kept programs runs, and the kernel
   * detaches threads that are still traced.
   */
  dismiss(): void {
    this.agent.dismiss();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < list.length; i += size) out.push(list.slice(i, i + size));
  return out;
}
