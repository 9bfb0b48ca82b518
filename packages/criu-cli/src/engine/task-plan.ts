// The plan of one task: for each phase, the steps that it takes.
import { type Agent, Program, type ProgramResult, type Rows } from '@criu/compel';
import { abi, close, type SyscallName, sys } from '@criu/native';
import { asCriuError, CriuError, type CriuErrorObject } from '../errors.js';
import type { AliveTask } from '../images/checkpoint.js';
import type { FdinfoEntry } from '../images/types.js';
import { readTids } from '../proc/index.js';
import { asHostPid, type HostPid, type NsPid, threadsByNsPid } from '../proc/pids.js';
import { States } from '../states.js';
import type { AgentPlace } from './layout.js';
import { PHASES, type PhaseName } from './phases.js';
import type { Slot } from './slot.js';

/** Checks what a task has created. @throws CriuError if it is not as it should be */
export type Check = (run: TaskRun) => void | Promise<void>;

/** One unit of work of one task. */
export interface PlanStep {
  readonly title: string;
  /**
   * A function if the program depends on the machine, such as on the address of the vDSO; it is called when the step is
   * reached.
   */
  readonly program: Program | ((run: TaskRun) => Program | Promise<Program>);
  /** What a program that is built late will run, as far as the images tell; for printed plans. */
  readonly does?: readonly string[];
  /** The program is built without waiting for the steps before it, as it depends on none of them. */
  readonly ahead?: boolean;
  /** Slots that must be filled before the program is sent. */
  readonly needs: Slot[];
  /** Slots for the descriptors that the program sends, in order. */
  readonly gives: Slot[];
  /** Checks to run once the program has finished. */
  readonly checks?: Check[];
  /** Errors for failed calls, by the label of the call. */
  readonly meanings?: Map<string, (error: unknown) => CriuError>;
  after?(result: ProgramResult, run: TaskRun): void | Promise<void>;
}

/** A step as kinds of state give it: one that is built late must declare what it will run. */
export type NewStep = Partial<Omit<PlanStep, 'program' | 'does'>> &
  Pick<PlanStep, 'title'> &
  (
    | { readonly program: Program }
    | { readonly program: Exclude<PlanStep['program'], Program>; readonly does: readonly string[] }
  );

/** Work of the restoring process that is a step of a task. */
export interface Meanwhile {
  readonly title: string;
  /** Slots that must be filled before the work starts. */
  readonly needs?: readonly Slot[];
  /** Message of the error if the work throws; undefined if its errors are complete as they are. */
  readonly failure?: string;
  /** Object of that error; by default the task. */
  readonly object?: CriuErrorObject;
}

/** What is known of a task only while it is being restored. */
export class TaskRun {
  private tids: ReadonlyMap<NsPid, HostPid> | undefined;
  /** Number of the chain that its programs form: once one has failed, later ones are skipped. */
  readonly chain: number;
  /** Replies of its agent that have to arrive before the current step counts as done. */
  readonly answers: Promise<void>[] = [];

  constructor(
    readonly plan: TaskPlan,
    readonly agent: Agent,
    /** Its pids in its own pid namespace differ from those that this process sees. */
    private readonly renumbered: boolean,
  ) {
    this.chain = agent.newChain();
  }

  get hostPid(): HostPid {
    return asHostPid(this.agent.pid);
  }

  /**
   * Its thread ids as this process sees them, leader first. All threads must have been created.
   * @throws CriuError TASK_DIED
   */
  get hostTids(): HostPid[] {
    return this.plan.task.threads.map(({ tid }) => this.hostTid(tid));
  }

  /** The id of a thread as this process sees it. All threads must have been created. @throws CriuError TASK_DIED */
  hostTid(tid: NsPid): HostPid {
    if (!this.renumbered) return asHostPid(tid);
    this.tids ??= threadsByNsPid(readTids(this.hostPid));
    const found = this.tids.get(tid);
    if (found === undefined)
      throw new CriuError('TASK_DIED', `its thread ${tid} is not there`, { pid: this.plan.pid });
    return found;
  }
}

/** Bytes; a new program is started when one has grown to about this size. The agent's buffer is larger. */
const PROGRAM_LIMIT = 192 * 1024;

/**
 * Number of temporary descriptors for each task of a shared table; the last one is the next task's control descriptor.
 */
const TABLE_STRIDE = 1000;

/** A descriptor table of several tasks (CLONE_FILES). */
export interface SharedTable {
  /** Pid of the task that fills the table. */
  readonly owner: number;
  /** Index of this task among those that share the table; that of the owner is 0. */
  readonly index: number;
}

/**
 * Gets a copy of a descriptor of another process (pidfd_getfd(2)), calls `act` with it and closes it.
 * @throws SysError
 */
export function withDescriptor<T>(pid: HostPid, fd: number, act: (local: number) => T): T {
  let pidfd: number | undefined;
  let local: number | undefined;
  try {
    pidfd = sys('pidfd_open', pid, 0);
    local = sys('pidfd_getfd', pidfd, fd, 0);
    return act(local);
  } finally {
    for (const open of [pidfd, local]) if (open !== undefined) close(open);
  }
}

/** A system call that the tracer makes in a thread after all programs of the agents. */
export interface FinalCall {
  readonly tid: NsPid;
  readonly label: string;
  readonly nr: number;
  /** Data that the call reads, to be written into the task; `args` may fill it in, given its address there. */
  readonly data: Buffer;
  args(address: bigint, data: Buffer): (number | bigint)[];
}

export class TaskPlan {
  /** What kinds of state keep for this task. */
  readonly states = new States<TaskPlan>(this);
  readonly finalCalls: FinalCall[] = [];
  /** Programs of threads that have to run after the final calls. */
  readonly finalPrograms: { readonly tid: NsPid; readonly program: Program }[] = [];
  /** Programs of threads that run after `finalPrograms`, such as limits that earlier ones would exceed. */
  readonly lastPrograms: { readonly tid: NsPid; readonly program: Program }[] = [];
  /** CLONE_NEW* flags with which the task is created. */
  birthFlags = 0n;
  /** Supplementary group ids of the new task, as the restoring process sees them; undefined to inherit its groups. */
  birthGroups: readonly number[] | undefined;
  /** Descriptor, in this process, of a pid namespace in which the task is created. */
  birthPidNamespace: number | undefined;
  /** Actions of the restoring process right after the task is created, before its first program. */
  readonly atBirth: ((pid: HostPid) => void)[] = [];
  /** Action scripts or an RPC client are told before and after the namespaces of the task are set up. */
  ownNamespaces = false;
  /** Seccomp filters are suspended during the final calls (PTRACE_O_SUSPEND_SECCOMP). */
  suspendSeccomp = false;
  private readonly phases = new Map<PhaseName, PlanStep[]>(PHASES.map(({ name }) => [name, []]));
  /** First descriptor number above all that the task uses; temporaries start here. */
  readonly fdBase: number;
  private nextTemp: number;
  private byFile: Map<number, FdinfoEntry[]> | undefined;

  constructor(
    readonly task: AliveTask,
    readonly place: AgentPlace,
    /** Set if other tasks share the descriptor table. */
    readonly table: SharedTable | undefined = undefined,
  ) {
    const used = task.fds.reduce((max, f) => Math.max(max, f.fd), 2);
    // Received descriptors get the lowest free numbers, so a whole message of them must fit below the temporaries.
    this.fdBase = Math.max(used + 2, abi.AGENT_MAX_FDS + 10) + (table?.index ?? 0) * TABLE_STRIDE;
    this.nextTemp = this.fdBase;
  }

  /** The pid as images and the task itself see it. */
  get pid(): NsPid {
    return this.task.pid;
  }

  /** The descriptors that this task has to put into place. For a shared table that is done by its owner only. */
  get fds(): readonly FdinfoEntry[] {
    return this.table && this.table.index > 0 ? [] : this.task.fds;
  }

  /** Those of `fds` that refer to the file with this id. */
  fdsOf(id: number): readonly FdinfoEntry[] {
    if (!this.byFile) {
      this.byFile = new Map();
      for (const entry of this.fds) {
        const same = this.byFile.get(entry.id);
        if (same) same.push(entry);
        else this.byFile.set(entry.id, [entry]);
      }
    }
    return this.byFile.get(id) ?? [];
  }

  /** The last number of its temporary descriptors. */
  get lastTempFd(): number {
    return this.table ? this.fdBase + TABLE_STRIDE - 2 : 0xffffffff;
  }

  /** Number of the control descriptor: right below the temporaries, above all descriptors of the task. */
  get controlFd(): number {
    return this.fdBase - 1;
  }

  /** A temporary descriptor number, free until the phase `place` ends. @throws CriuError UNSUPPORTED */
  tempFd(): number {
    if (this.nextTemp > this.lastTempFd)
      throw new CriuError('UNSUPPORTED', 'too many files for a shared descriptor table', { pid: this.pid });
    return this.nextTemp++;
  }

  get tempCount(): number {
    return this.nextTemp - this.fdBase;
  }

  /** The RLIMIT_NOFILE that the task needs: its highest descriptor number at any time, plus one. */
  get descriptors(): number {
    return this.nextTemp;
  }

  /** The steps of a phase in order. */
  steps(phase: PhaseName): readonly PlanStep[] {
    return this.list(phase);
  }

  /**
   * Changes when anything is added to the plan but calls to the program of a phase that takes them now, and checks of it.
   * @param meanings whether it changes with errors for failed calls, too
   */
  extent(phase: PhaseName, meanings: boolean): number {
    let extent = 0;
    for (const [name, steps] of this.phases) {
      const last = steps.at(-1);
      extent += steps.length;
      if (last) extent += last.needs.length + last.gives.length;
      if (last?.meanings && meanings) extent += last.meanings.size;
      if (name !== phase && last?.program instanceof Program) extent += last.program.length;
    }
    return extent + this.finalCalls.length + this.finalPrograms.length + this.lastPrograms.length;
  }

  private list(phase: PhaseName): PlanStep[] {
    let list = this.phases.get(phase);
    if (!list) {
      list = [];
      this.phases.set(phase, list);
    }
    return list;
  }

  /** The last step of a phase if it can take more calls; else a new one. */
  private open(phase: PhaseName): PlanStep & { program: Program } {
    const steps = this.list(phase);
    const last = steps.at(-1);
    if (last && last.program instanceof Program && last.program.size < PROGRAM_LIMIT && !last.after)
      return last as PlanStep & { program: Program };
    return this.begin(phase);
  }

  private begin(phase: PhaseName): PlanStep & { program: Program } {
    const step = {
      title: phase,
      program: new Program(phase),
      needs: [],
      gives: [],
      checks: [],
      meanings: new Map(),
    };
    this.list(phase).push(step);
    return step;
  }

  /** The program to add calls to. References to its steps and data are valid only until the caller returns. */
  program(phase: PhaseName): Program {
    return this.open(phase).program;
  }

  /** Adds a system call for each row of columns (`Program.rows`), to as many programs as that takes. */
  rows(phase: PhaseName, name: SyscallName, count: number, rows: Rows): void {
    for (let from = 0; from < count; ) {
      const p = this.program(phase);
      const to = Math.min(count, from + p.roomFor(PROGRAM_LIMIT));
      p.rows(name, rows, from, to);
      from = to;
    }
  }

  /** Sends a descriptor of the task to this process, into a slot for other tasks. */
  give(phase: PhaseName, fd: number, slot: Slot): void {
    let step = this.open(phase);
    if (step.gives.length === abi.AGENT_MAX_FDS) step = this.begin(phase);
    step.program.sendFd(fd, { label: `give ${slot.name}` });
    step.gives.push(slot);
  }

  /** Receives the descriptor of a slot under the number `as`. */
  take(phase: PhaseName, slot: Slot, as: number): void {
    let step = this.open(phase);
    if (step.needs.length === abi.AGENT_MAX_FDS) step = this.begin(phase);
    step.needs.push(slot);
    const fd = step.program.fd(() => slot.value);
    step.program.syscall('dup3', [fd, as, 0o2000000], { label: `take ${slot.name}` });
    step.program.syscall('close', [fd]);
  }

  /** Adds a check that runs after the current program of the phase. */
  check(phase: PhaseName, check: Check): void {
    this.open(phase).checks?.push(check);
  }

  /** Sets the error for the latest call of the phase with this label, in case it fails. */
  means(phase: PhaseName, label: string, meaning: (error: unknown) => CriuError): void {
    this.open(phase).meanings?.set(label, meaning);
  }

  /**
   * Lets the restoring process work on an open file of the task, where the privileges of the task in its own user
   * namespace do not suffice. Runs after all steps that the phase has so far.
   * @param act is given a descriptor in this process of the same open file description
   */
  asCaller(phase: PhaseName, fd: number, title: string, act: (local: number, run: TaskRun) => void): void {
    this.meanwhile(phase, { title, failure: `cannot restore the task: ${title}` }, (run) =>
      withDescriptor(run.hostPid, fd, (local) => act(local, run)),
    );
  }

  /** Work of the restoring process while the task waits, after all steps that the phase has so far. */
  meanwhile(phase: PhaseName, about: Meanwhile, work: (run: TaskRun) => void | Promise<void>): void {
    const { title, needs = [], failure, object = { pid: this.pid } } = about;
    this.step(phase, {
      title,
      needs: [...needs],
      does: ['done by criu, while the task waits'],
      program: async (run) => {
        try {
          await work(run);
        } catch (error) {
          throw failure === undefined ? error : asCriuError(error, failure, object);
        }
        return new Program('nothing more');
      },
    });
  }

  /** Adds a separate step. */
  step(phase: PhaseName, step: NewStep): void {
    this.list(phase).push({ needs: [], gives: [], ...step });
  }
}
