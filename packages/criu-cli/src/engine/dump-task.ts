// The tasks of a dump: what is known of each of them so far, with the parts of its core images.
import type { Task, TaskState, ThreadState } from '@criu/compel';
import type {
  CoreEntry,
  Encodable,
  RangeTable,
  TaskCoreEntry,
  TaskKobjIdsEntry,
  ThreadCoreEntry,
} from '@criu/images';
import { CriuError } from '../errors.js';
import type { FlaggedMapping, Stat, Status } from '../proc/index.js';
import { asHostPid, type HostPid, type NsPid, namespacePids } from '../proc/pids.js';
import { States } from '../states.js';

/** Parts of a core image, filled in by several kinds of state. */
export interface CoreDraft {
  mtype: number;
  thread_info?: Encodable<NonNullable<CoreEntry['thread_info']>>;
  tc?: Partial<TaskCoreEntry>;
  thread_core?: Partial<ThreadCoreEntry>;
}

/** What was read of a task. @throws CriuError INTERNAL if it was not read yet */
function known<T>(value: T | undefined, what: string, pid: number): T {
  if (value === undefined) throw new CriuError('INTERNAL', `${what} was not read yet`, { pid });
  return value;
}

/** The part of compel's `Task` that kinds of state use for a stopped task. */
export type TaskHandle = Pick<
  Task,
  'pid' | 'threads' | 'thread' | 'readMemory' | 'session' | 'syscall' | 'collect' | 'infect' | 'leaveStopped'
>;

/** A task whose state is dumped. */
export class LiveTask {
  readonly kind = 'alive';
  /** What kinds of state keep for this task. */
  readonly states = new States<LiveTask>(this);
  readonly children: TreeTask[] = [];
  private reported: TaskState | undefined;
  private statRead: Stat | undefined;
  private mappingsRead: RangeTable<FlaggedMapping> | undefined;
  private idsFound: TaskKobjIdsEntry | undefined;
  readonly statuses = new Map<number, Status>();
  readonly cores = new Map<number, CoreDraft>();
  private sorted: number[] | undefined;

  constructor(
    readonly task: TaskHandle,
    readonly parent: LiveTask | undefined,
  ) {}

  get pid(): HostPid {
    return asHostPid(this.task.pid);
  }

  /**
   * State of its threads as ptrace reports it, which happens while `collect` of the kinds of state is called: only what
   * is called later can use it. @throws CriuError INTERNAL before
   */
  get state(): TaskState {
    return known(this.reported, 'the state of its threads', this.pid);
  }

  set state(state: TaskState) {
    this.reported = state;
  }

  /** /proc/pid/stat. @throws CriuError INTERNAL before it is read */
  get stat(): Stat {
    return known(this.statRead, '/proc/pid/stat', this.pid);
  }

  set stat(stat: Stat) {
    this.statRead = stat;
  }

  /** Its mappings as /proc/pid/smaps has them. @throws CriuError INTERNAL before memory is collected */
  get smaps(): RangeTable<FlaggedMapping> {
    return known(this.mappingsRead, '/proc/pid/smaps', this.pid);
  }

  set smaps(smaps: RangeTable<FlaggedMapping>) {
    this.mappingsRead = smaps;
  }

  /** Bytes of private memory that other processes share copy-on-write; known when memory is collected. */
  sharedBytes = 0;

  /** Numbers of the objects that tasks can share, and of its namespaces. @throws CriuError INTERNAL before namespaces are collected */
  get ids(): TaskKobjIdsEntry {
    return known(this.idsFound, 'what it shares with others', this.pid);
  }

  set ids(ids: TaskKobjIdsEntry) {
    this.idsFound = ids;
  }

  /** The pid as images have it: the one in the task's own pid namespace. */
  get nsPid(): NsPid {
    return this.nsTid(this.pid);
  }

  /** The thread id as images have it. */
  nsTid(tid: number): NsPid {
    return namespacePids(this.statusOf(tid), this.stat).pid;
  }

  /** Thread ids in the order of the images: the leader, then the others ascending. */
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

  get status(): Status {
    return this.statusOf(this.pid);
  }

  /** /proc/pid/task/tid/status of one of its threads. @throws CriuError INTERNAL if it was not read */
  statusOf(tid: number): Status {
    const status = this.statuses.get(tid);
    if (!status)
      throw new CriuError('INTERNAL', `the status of thread ${tid} was not read`, { pid: this.pid });
    return status;
  }

  /** State of the thread group leader as ptrace reports it. @throws CriuError TASK_DIED */
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

/** A task that has ended and has not been waited for by its parent. */
export class ZombieTask {
  readonly kind = 'zombie';
  readonly children: TreeTask[] = [];
  private statRead: Stat | undefined;
  private statusRead: Status | undefined;
  /** Real user id as the tasks see it; undefined if their user namespace does not map it. */
  exitUid: number | undefined;
  constructor(
    readonly pid: HostPid,
    readonly parent: LiveTask | undefined,
  ) {}

  /** /proc/pid/stat. @throws CriuError INTERNAL before it is read, after all living tasks */
  get stat(): Stat {
    return known(this.statRead, '/proc/pid/stat', this.pid);
  }

  set stat(stat: Stat) {
    this.statRead = stat;
  }

  /** /proc/pid/status. @throws CriuError INTERNAL before it is read, after all living tasks */
  get status(): Status {
    return known(this.statusRead, '/proc/pid/status', this.pid);
  }

  set status(status: Status) {
    this.statusRead = status;
  }

  get nsPid(): NsPid {
    return namespacePids(this.status, this.stat).pid;
  }
}

export type TreeTask = LiveTask | ZombieTask;
