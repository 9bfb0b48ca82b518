// The context of one dump: options, image writer, process tree, and the state that kinds of state keep in it.
import type { Tracer } from '@criu/compel';
import { sys } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import type { ImageWriter } from '../images/writer.js';
import { type Logger, silentLogger } from '../log.js';
import type { DumpOptions, DumpPhase } from '../options.js';
import type { PageJob } from '../pages/runs.js';
import { type Hooks, noHooks } from '../plugins/index.js';
import { Refusals } from '../refusals.js';
import { States } from '../states.js';
import type { LiveTask, TreeTask } from './dump-task.js';
import type { Freezer } from './freezer.js';

/** A random 64-bit number as 16 hexadecimal digits. */
function randomName(): string {
  const bytes = Buffer.alloc(8);
  sys('getrandom', bytes, bytes.length, 0);
  return bytes.toString('hex');
}

export class DumpContext {
  /**
   * Queues pages to be copied, and takes over the descriptor of the job. Where nothing is copied, only the descriptor
   * is closed.
   */
  addPages: (job: PageJob) => void = (job) => {
    if (job.fd >= 0) closeSync(job.fd);
  };
  readonly log: Logger;
  /** The cgroup that is frozen to stop the tasks (`--freeze-cgroup`). */
  freezer: Freezer | undefined;
  /** Plugins, for objects that no kind of state here supports. */
  hooks: Hooks = noHooks;
  /** Refusals of kinds of state: reasons why this dump is not possible. */
  readonly refusals = new Refusals();
  /** What kinds of state keep for this dump. */
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
  /** Random id of this dump, `dump_criu_run_id` of the inventory; also part of the name of its packet filter. */
  readonly runId = randomName();
  /**
   * How TCP connections are blocked until the restore, as `network_lock_method` of the inventory; 0 if there are none.
   */
  networkLock = 0;
  /** Time at which all tasks were stopped, in microseconds since boot. */
  frozenAt = 0n;
  private readonly closers: (() => void | Promise<void>)[] = [];

  constructor(
    public options: DumpOptions,
    readonly images: ImageWriter,
  ) {
    this.log = options.log ?? silentLogger;
  }

  /** The tracer process that stops the tasks and runs programs in them; set before the first task is stopped. */
  get tracer(): Tracer {
    if (!this.stopper) throw new CriuError('INTERNAL', 'there is no tracer yet', { pid: this.options.pid });
    return this.stopper;
  }

  set tracer(tracer: Tracer) {
    this.stopper = tracer;
  }

  get live(): readonly LiveTask[] {
    // Tasks are only added, never removed, so the length tells whether the cache is valid.
    if (this.lives.of !== this.tasks.length)
      this.lives = {
        of: this.tasks.length,
        tasks: this.tasks.filter((t): t is LiveTask => t.kind === 'alive'),
      };
    return this.lives.tasks;
  }

  /** Adds resources outside of the tree that the RPC client named in reply to `query-ext-files`. */
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
    this.log.info(`${phase}: ${message}`);
    this.options.onProgress?.({
      phase,
      message,
      ...(done === undefined ? {} : { done }),
      ...(total === undefined ? {} : { total }),
    });
  }

  get onProgress(): DumpOptions['onProgress'] {
    return this.options.onProgress;
  }

  /**
   * A named point at which the dump checks for an abort by the caller, and at which tests can have it fail.
   * @throws CriuError ABORTED, INTERNAL
   */
  reached(point: string): void {
    if (this.options.signal?.aborted)
      throw new CriuError('ABORTED', 'the dump was aborted', { pid: this.options.pid });
    if (this.options.faults?.includes(point))
      throw new CriuError('INTERNAL', `fault point ${point}`, { pid: this.options.pid });
  }

  /**
   * Does work that tasks could notice, such as reading a queue of theirs, or that waits for them to be idle.
   * @returns the result of `work`; `otherwise` while the tasks still run, when the work is left out
   */
  ifStopped<T>(work: () => T, _otherwise: T): T {
    return work();
  }

  /** Most bytes of mappings of one task that are looked through for pages; undefined for all. */
  get scanLimit(): bigint | undefined {
    return undefined;
  }

  /** How many mappings and descriptors of a task are looked at. */
  get tableLimit(): number {
    return Infinity;
  }

  /** Defers work that does not need the tasks to be stopped until after `describe`. */
  later(work: () => void): void {
    this.deferred.push(work);
  }

  runDeferred(): void {
    for (const work of this.deferred.splice(0)) this.refusals.attempt(work);
  }

  /** Registers what has to be undone, apart from image files, if the dump fails. */
  onFailure(undo: () => void): void {
    this.undos.push(undo);
  }

  /** Registers an action for tasks that run on after the dump; called right before they are released. */
  onGoOn(action: () => void): void {
    this.resumes.push(action);
  }

  /**
   * Registers an action for tasks that are killed or left stopped after the dump; called right before that. For what
   * must stay in place until the restore.
   */
  onStay(action: () => void): void {
    this.stays.push(action);
  }

  /** Runs the actions of `onStay`. */
  stay(): void {
    for (const action of this.stays.splice(0)) action();
  }

  /**
   * Runs the actions of `onGoOn`, right before tasks are released. If one fails, the error reaches the caller, but the
   * dump is not undone.
   */
  goOn(): void {
    for (const action of this.resumes.splice(0)) action();
    this.undos.splice(0);
  }

  /**
   * Gives the frozen cgroup its former state back. A failure is only logged, since the tasks have to be released in any
   * case.
   */
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
        // The failure that led to the undo is the one to be reported.
        this.log.warn(`cannot take something back: ${(error as Error).message}`);
      }
    }
  }

  /** Runs all functions of `onClose`, last registered first. Synchronous ones have finished when this returns. */
  async close(): Promise<void> {
    await Promise.all(
      this.closers
        .splice(0)
        .reverse()
        .map((close) => close()),
    );
  }
}
