// What a dump carries along: options, images, the tree of tasks, and the ids that entries refer to each other by.
import type { Task, TaskState, ThreadState, Tracer } from '@criu/compel';
import type { CoreEntry, Encodable, TaskCoreEntry, TaskKobjIdsEntry, ThreadCoreEntry } from '@criu/images';
import { sys } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageWriter } from '../images/writer.js';
import { type Logger, silentLogger } from '../log.js';
import type { DumpOptions, DumpPhase } from '../options.js';
import type { PageJob } from '../pages/runs.js';
import { type Hooks, noHooks } from '../plugins/index.js';
import type { FlaggedMapping, Stat, Status } from '../proc/index.js';
import { asHostPid, type HostPid, type NsPid, namespacePids } from '../proc/pids.js';
import { Refusals } from '../refusals.js';
import { States } from '../states.js';
import type { Freezer } from './freezer.js';

/** Pieces of a core image, put together by several modules. */
export interface CoreDraft {
  mtype: number;
  thread_info?: Encodable<NonNullable<CoreEntry['thread_info']>>;
  tc?: Partial<TaskCoreEntry>;
  thread_core?: Partial<ThreadCoreEntry>;
}

/** 16 hexadecimal digits. */
function randomName(): string {
  const bytes = Buffer.alloc(8);
  sys('getrandom', bytes, bytes.length, 0);
  return bytes.toString('hex');
}

/** What modules need of a stopped task. */
export type TaskHandle = Pick<
  Task,
  'pid' | 'threads' | 'thread' | 'readMemory' | 'session' | 'syscall' | 'collect' | 'infect' | 'leaveStopped'
>;

/** A task whose state is dumped. */
export class LiveTask {
  readonly kind = 'alive';
  /** What modules keep about it. */
  readonly states = new States<LiveTask>(this);
  readonly children: TreeTask[] = [];
  /** Everything ptrace tells of its threads; there after `collect`. */
  state!: TaskState;
  stat!: Stat;
  smaps!: FlaggedMapping[];
  readonly statuses = new Map<number, Status>();
  readonly cores = new Map<number, CoreDraft>();
  ids!: TaskKobjIdsEntry;
  private sorted: number[] | undefined;

  constructor(
    readonly task: TaskHandle,
    readonly parent: LiveTask | undefined,
  ) {}

  get pid(): HostPid {
    return asHostPid(this.task.pid);
  }

  /** What it is known by in images. */
  get nsPid(): NsPid {
    return this.nsTid(this.pid);
  }

  /** The same of one of its threads. */
  nsTid(tid: number): NsPid {
    return namespacePids(this.statusOf(tid), this.stat).pid;
  }

  /** Thread ids as the images list them: the leader first. */
  get tids(): readonly number[] {
    this.sorted ??= [
      this.pid,
      ...this.task.threads
        .map((t) => t.tid)
        .filter((tid) => tid !== this.pid)
        .sort((a, b) => a - b),
    ];
    return this.sorted;
  }

  /** Status of the leader. */
  get status(): Status {
    return this.statusOf(this.pid);
  }

  /** Status of one of its threads. @throws CriuError INTERNAL */
  statusOf(tid: number): Status {
    const status = this.statuses.get(tid);
    if (!status)
      throw new CriuError('INTERNAL', `the status of thread ${tid} was not read`, { pid: this.pid });
    return status;
  }

  /** What ptrace tells of the thread that is the leader. @throws CriuError TASK_DIED */
  get leader(): ThreadState {
    const leader = this.state.threads.find(({ tid }) => tid === this.pid);
    if (!leader) throw new CriuError('TASK_DIED', 'the leader of its threads is gone', { pid: this.pid });
    return leader;
  }

  core(tid: number): CoreDraft {
    let core = this.cores.get(tid);
    if (!core) {
      core = { mtype: 1 };
      this.cores.set(tid, core);
    }
    return core;
  }

  threadCore(tid: number): Partial<ThreadCoreEntry> {
    const core = this.core(tid);
    core.thread_core ??= {};
    return core.thread_core;
  }

  taskCore(): Partial<TaskCoreEntry> {
    const core = this.core(this.pid);
    core.tc ??= {};
    return core.tc;
  }
}

/** A task that has ended and that its parent has not waited for. */
export class ZombieTask {
  readonly kind = 'zombie';
  readonly children: TreeTask[] = [];
  stat!: Stat;
  status!: Status;
  constructor(
    readonly pid: HostPid,
    readonly parent: LiveTask | undefined,
  ) {}

  get nsPid(): NsPid {
    return namespacePids(this.status, this.stat).pid;
  }
}

export type TreeTask = LiveTask | ZombieTask;

export class DumpContext {
  /** Takes pages that are to be kept; the descriptor of a job is then its own. A rehearsal keeps nothing. */
  addPages: (job: PageJob) => void = (job) => {
    if (job.fd >= 0) closeSync(job.fd);
  };
  readonly log: Logger;
  /** The cgroup that is frozen to stop the tasks (`--freeze-cgroup`). */
  freezer: Freezer | undefined;
  /** Those who may handle what nobody here can. A rehearsal has none. */
  hooks: Hooks = noHooks;
  /** What is in the way of the dump. */
  readonly refusals = new Refusals();
  /** What modules keep for the time of this dump. */
  readonly states = new States<DumpContext>(this);
  /** The tree, parents before their children; the root first. */
  readonly tasks: TreeTask[] = [];
  readonly stats = {
    freezingTime: 0,
    frozenTime: 0,
    memdumpTime: 0,
    memwriteTime: 0,
    pagesScanned: 0,
    pagesSkippedParent: 0,
    pagesWritten: 0,
    pagesLazy: 0,
    shpagesScanned: 0,
    shpagesSkippedParent: 0,
    shpagesWritten: 0,
  };
  private stopper: Tracer | undefined;
  private lives: { readonly of: number; readonly tasks: readonly LiveTask[] } = { of: 0, tasks: [] };
  private readonly deferred: (() => void)[] = [];
  private readonly undos: (() => void)[] = [];
  private readonly resumes: (() => void)[] = [];
  private readonly stays: (() => void)[] = [];
  /** Names this dump; part of the name of its packet filter. */
  readonly runId = randomName();
  /** How connections are held until they are restored, as `network_lock_method` of the inventory; 0 if there are none. */
  networkLock = 0;
  /** When all tasks stood still, in microseconds since the machine was started. */
  frozenAt = 0n;
  private readonly closers: (() => void | Promise<void>)[] = [];

  constructor(
    public options: DumpOptions,
    readonly images: ImageWriter,
    /** Everything is only tried out: nothing may be changed or copied that is not the dump's own. */
    readonly rehearsing = false,
  ) {
    this.log = options.log ?? silentLogger;
  }

  /** Who stops the tasks and drives what runs in them; there before anything is stopped. */
  get tracer(): Tracer {
    if (!this.stopper) throw new CriuError('INTERNAL', 'there is no tracer yet', { pid: this.options.pid });
    return this.stopper;
  }

  set tracer(tracer: Tracer) {
    this.stopper = tracer;
  }

  get live(): readonly LiveTask[] {
    // Tasks are only ever added.
    if (this.lives.of !== this.tasks.length)
      this.lives = {
        of: this.tasks.length,
        tasks: this.tasks.filter((t): t is LiveTask => t.kind === 'alive'),
      };
    return this.lives.tasks;
  }

  /** Resources outside of the tree that a listener has named. */
  addExternal(more: readonly string[] = []): void {
    if (more.length > 0)
      this.options = { ...this.options, external: [...(this.options.external ?? []), ...more] };
  }

  get root(): LiveTask {
    const [root] = this.live;
    if (!root) throw new CriuError('TASK_DIED', 'it is gone', { pid: this.options.pid });
    return root;
  }

  progress(phase: DumpPhase, message: string, done?: number, total?: number): void {
    if (this.rehearsing) return;
    this.log.info(`${phase}: ${message}`);
    this.options.onProgress?.({
      phase,
      message,
      ...(done === undefined ? {} : { done }),
      ...(total === undefined ? {} : { total }),
    });
  }

  /** How far it is with what has been told already; nobody may want to know. */
  get onProgress(): DumpOptions['onProgress'] {
    return this.rehearsing ? undefined : this.options.onProgress;
  }

  /** A point where the dump can be ended by its caller, or by a test. @throws CriuError ABORTED, INTERNAL */
  reached(point: string): void {
    if (this.rehearsing) return;
    if (this.options.signal?.aborted)
      throw new CriuError('ABORTED', 'the dump was aborted', { pid: this.options.pid });
    if (this.options.faults?.includes(point))
      throw new CriuError('INTERNAL', `fault point ${point}`, { pid: this.options.pid });
  }

  /** Work that does not need the tasks to stand still; done while describing. */
  later(work: () => void): void {
    this.deferred.push(work);
  }

  runDeferred(): void {
    for (const work of this.deferred.splice(0)) this.refusals.attempt(work);
  }

  /** What has to be taken back outside of the images if the dump fails. */
  onFailure(undo: () => void): void {
    this.undos.push(undo);
  }

  /** What tasks that run on after the dump need first. */
  onGoOn(action: () => void): void {
    this.resumes.push(action);
  }

  /** What is to stay as it is once the tasks are ended, or stay stopped: a restore takes it up. */
  onStay(action: () => void): void {
    this.stays.push(action);
  }

  /** Right before tasks are ended, or left stopped. */
  stay(): void {
    for (const action of this.stays.splice(0)) action();
  }

  /** Right before tasks are let go. A failure does not undo the dump, but the caller hears of it. */
  goOn(): void {
    for (const action of this.resumes.splice(0)) action();
    this.undos.splice(0);
  }

  /** The frozen cgroup as it was found; a failure to do so must not keep tasks from being let go. */
  async thaw(): Promise<void> {
    try {
      await this.freezer?.restore();
    } catch (error) {
      this.log.error(asCriuError(error, 'the cgroup is not as it was').explain());
    }
  }

  onClose(close: () => void | Promise<void>): void {
    this.closers.push(close);
  }

  undo(): void {
    for (const undo of this.undos.splice(0).reverse()) {
      try {
        undo();
      } catch (error) {
        // The failure that leads here is what has to be reported.
        this.log.warn(`cannot take something back: ${(error as Error).message}`);
      }
    }
  }

  /** What is to be closed at once is closed when this returns. */
  async close(): Promise<void> {
    await Promise.all(
      this.closers
        .splice(0)
        .reverse()
        .map((close) => close()),
    );
  }
}
