// The plan of one task: for each phase, the steps that it takes. Data first, action later.
import { type Agent, Program, type ProgramResult } from '@criu/compel';
import { abi, close, sys } from '@criu/native';
import { asCriuError, CriuError, type CriuErrorObject } from '../errors.js';
import type { AliveTask } from '../images/checkpoint.js';
import type { FdinfoEntry } from '../images/types.js';
import { readTids } from '../proc/index.js';
import { asHostPid, type HostPid, type NsPid, threadsByNsPid } from '../proc/pids.js';
import { States } from '../states.js';
import type { AgentPlace } from './layout.js';
import { PHASES, type PhaseName } from './phases.js';
import type { Slot } from './slot.js';

/** A look at what a task has made. @throws CriuError if that is not what it should be */
export type Check = (run: TaskRun) => void | Promise<void>;

/** One unit of work of one task. */
export interface PlanStep {
  readonly title: string;
  /** Built when the step is reached when it depends on the machine (where the vDSO is, say). */
  readonly program: Program | ((run: TaskRun) => Program | Promise<Program>);
  /** What one that is built when it is reached will run, as far as the images tell: for plans that are printed. */
  readonly does?: readonly string[];
  /** It is built without waiting for the steps before: it depends on nothing that they do. */
  readonly ahead?: boolean;
  /** Slots that must be filled before. */
  readonly needs: Slot[];
  /** Slots for the descriptors that the program sends, in order. */
  readonly gives: Slot[];
  /** Looks at what the program has made, once it is through. */
  readonly checks?: Check[];
  /** What the failure of a call means, by the call's label. */
  readonly meanings?: Map<string, (error: unknown) => CriuError>;
  after?(result: ProgramResult, run: TaskRun): void | Promise<void>;
}

/** A step as it is given: one that is built late says what it will run. */
export type NewStep = Partial<Omit<PlanStep, 'program' | 'does'>> &
  Pick<PlanStep, 'title'> &
  (
    | { readonly program: Program }
    | { readonly program: Exclude<PlanStep['program'], Program>; readonly does: readonly string[] }
  );

/** Work of this process that is a step of a task. */
export interface Meanwhile {
  readonly title: string;
  /** Slots that must be filled before. */
  readonly needs?: readonly Slot[];
  /** What has failed, in the error of whatever the work throws; undefined: its errors say that themselves. */
  readonly failure?: string;
  /** What that error is about: the task, if nothing else is said. */
  readonly object?: CriuErrorObject;
}

/** What is known about a task only while it is being restored. */
export class TaskRun {
  private tids: ReadonlyMap<NsPid, HostPid> | undefined;
  /** Programs of its plan: none runs once one has failed. */
  readonly chain: number;
  /** Answers of its agent that are to come before whatever a step is followed by counts as done. */
  readonly answers: Promise<void>[] = [];

  constructor(
    readonly plan: TaskPlan,
    readonly agent: Agent,
    /** It has other numbers in its own pid namespace than for this process. */
    private readonly renumbered: boolean,
  ) {
    this.chain = agent.newChain();
  }

  get hostPid(): HostPid {
    return asHostPid(this.agent.pid);
  }

  /** All of its threads, once they have been made; the leader first. @throws CriuError */
  get hostTids(): HostPid[] {
    return this.plan.task.threads.map(({ tid }) => this.hostTid(tid));
  }

  /** A thread of it, once all have been made. @throws CriuError */
  hostTid(tid: NsPid): HostPid {
    if (!this.renumbered) return asHostPid(tid);
    this.tids ??= threadsByNsPid(readTids(this.hostPid));
    const found = this.tids.get(tid);
    if (found === undefined)
      throw new CriuError('TASK_DIED', `its thread ${tid} is not there`, { pid: this.plan.pid });
    return found;
  }
}

/** Programs are cut at about this size; the agent's buffer is larger. */
const PROGRAM_LIMIT = 192 * 1024;

/** Numbers of temporaries for each task of a shared table; the last one is the next one's control descriptor. */
const TABLE_STRIDE = 1000;

/** A descriptor table of several tasks (CLONE_FILES). */
export interface SharedTable {
  /** Pid of the task that fills it. */
  readonly owner: number;
  /** Place of this task among those who share it; the owner's is 0. */
  readonly index: number;
}

/** Does something with a descriptor of our own of what a process has open. @throws SysError */
export function withDescriptor(pid: HostPid, fd: number, act: (local: number) => void): void {
  let pidfd: number | undefined;
  let local: number | undefined;
  try {
    pidfd = sys('pidfd_open', pid, 0);
    local = sys('pidfd_getfd', pidfd, fd, 0);
    act(local);
  } finally {
    for (const open of [pidfd, local]) if (open !== undefined) close(open);
  }
}

/** A system call made for a thread that is traced already, after everything else. */
export interface FinalCall {
  readonly tid: NsPid;
  readonly label: string;
  readonly nr: number;
  /** Room in the task for what the call reads; filled by `args`, which is told its address. */
  readonly data: Buffer;
  args(address: bigint, data: Buffer): (number | bigint)[];
}

export class TaskPlan {
  /** What modules keep about it. */
  readonly states = new States<TaskPlan>(this);
  readonly finalCalls: FinalCall[] = [];
  /** Programs of threads that have to wait for the final calls. */
  readonly finalPrograms: { readonly tid: NsPid; readonly program: Program }[] = [];
  /** The same that come after those: limits that what is still to be made would exceed. */
  readonly lastPrograms: { readonly tid: NsPid; readonly program: Program }[] = [];
  /** CLONE_NEW* of the namespaces it is born with. */
  birthFlags = 0n;
  /** Supplementary groups that it is born with, as whoever restores knows them; undefined for that one's own. */
  birthGroups: readonly number[] | undefined;
  /** Descriptor of this process of a pid namespace that it is born into. */
  birthPidNamespace: number | undefined;
  /** What whoever restores does for it as soon as it is born, before it does anything itself. */
  readonly atBirth: ((pid: HostPid) => void)[] = [];
  /** Who restores may have something to do with its namespaces, before and after they are filled. */
  ownNamespaces = false;
  /** Seccomp filters must not see the final calls. */
  suspendSeccomp = false;
  private readonly phases = new Map<PhaseName, PlanStep[]>(PHASES.map(({ name }) => [name, []]));
  /** First descriptor number above all that the task uses; temporaries start here. */
  readonly fdBase: number;
  private nextTemp: number;
  private byFile: Map<number, FdinfoEntry[]> | undefined;

  constructor(
    readonly task: AliveTask,
    readonly place: AgentPlace,
    /** How many tasks share the descriptor table with it, and the first of them, which fills it. */
    readonly table: SharedTable | undefined = undefined,
  ) {
    const used = task.fds.reduce((max, f) => Math.max(max, f.fd), 2);
    // Descriptors that arrive take the lowest free numbers: a whole message of them must fit below.
    this.fdBase = Math.max(used + 2, abi.AGENT_MAX_FDS + 10) + (table?.index ?? 0) * TABLE_STRIDE;
    this.nextTemp = this.fdBase;
  }

  /** As images and the task itself have it. */
  get pid(): NsPid {
    return this.task.pid;
  }

  /** The descriptors that it has to put into place: another task may do that for a shared table. */
  get fds(): readonly FdinfoEntry[] {
    return this.table && this.table.index > 0 ? [] : this.task.fds;
  }

  /** Of these, those of one file. */
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

  /** The last number of its temporaries. */
  get lastTempFd(): number {
    return this.table ? this.fdBase + TABLE_STRIDE - 2 : 0xffffffff;
  }

  /** The control descriptor's number: right below the temporaries, above all of the task's. */
  get controlFd(): number {
    return this.fdBase - 1;
  }

  /** A descriptor number that is free until the phase `place` is over. */
  tempFd(): number {
    if (this.nextTemp > this.lastTempFd)
      throw new CriuError('UNSUPPORTED', 'too many files for a shared descriptor table', { pid: this.pid });
    return this.nextTemp++;
  }

  get tempCount(): number {
    return this.nextTemp - this.fdBase;
  }

  /** How many descriptors its limit has to allow: the highest number that is in use at any time, and one. */
  get descriptors(): number {
    return this.nextTemp;
  }

  /** What it does in a phase, in order. */
  steps(phase: PhaseName): readonly PlanStep[] {
    return this.list(phase);
  }

  private list(phase: PhaseName): PlanStep[] {
    let list = this.phases.get(phase);
    if (!list) {
      list = [];
      this.phases.set(phase, list);
    }
    return list;
  }

  /** The step that is open for more in a phase; a new one when it has grown too long. */
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

  /** The program to add to. References to its steps and data do not outlive the caller. */
  program(phase: PhaseName): Program {
    return this.open(phase).program;
  }

  /** Sends a descriptor of the task to the brain, for others to take. */
  give(phase: PhaseName, fd: number, slot: Slot): void {
    let step = this.open(phase);
    if (step.gives.length === abi.AGENT_MAX_FDS) step = this.begin(phase);
    step.program.sendFd(fd, { label: `give ${slot.name}` });
    step.gives.push(slot);
  }

  /** Takes a descriptor out of a slot to a number of the task's own. */
  take(phase: PhaseName, slot: Slot, as: number): void {
    let step = this.open(phase);
    if (step.needs.length === abi.AGENT_MAX_FDS) step = this.begin(phase);
    step.needs.push(slot);
    const fd = step.program.fd(() => slot.value);
    step.program.syscall('dup3', [fd, as, 0o2000000], { label: `take ${slot.name}` });
    step.program.syscall('close', [fd]);
  }

  /** Has a look taken at what the program of a phase, as far as it goes now, has made. */
  check(phase: PhaseName, check: Check): void {
    this.open(phase).checks?.push(check);
  }

  /** Says what it means when the call with this label, the latest of the phase, fails. */
  means(phase: PhaseName, label: string, meaning: (error: unknown) => CriuError): void {
    this.open(phase).meanings?.set(label, meaning);
  }

  /**
   * Has whoever restores do something to an open file of the task, where the privileges of a task in its own user namespace are
   * not enough. It comes after all that the phase has so far.
   * @param act is given a descriptor of the same description
   */
  asCaller(phase: PhaseName, fd: number, title: string, act: (local: number) => void): void {
    this.meanwhile(phase, { title, failure: `cannot restore the task: ${title}` }, ({ hostPid }) =>
      withDescriptor(hostPid, fd, act),
    );
  }

  /** Work of this process while the task waits, after all that the phase has so far. */
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

  /** A step of its own. */
  step(phase: PhaseName, step: NewStep): void {
    this.list(phase).push({ needs: [], gives: [], ...step });
  }
}
