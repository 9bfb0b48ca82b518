// Copies the memory of tasks to its sink in the background, while the rest of the dump proceeds.
import { PAGE_SIZE } from '@criu/images';
import { addon } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ProgressEvent } from '../options.js';
import { Stopwatch } from '../stopwatch.js';
import type { ChangeFinder } from './changes.js';
import { Lanes } from './lanes.js';
import type { PageJob } from './runs.js';
import type { Move, PageSink } from './sinks/sink.js';

const SHOW_MS = 200;

/** The operation that has pages copied: receives statistics and progress. */
export interface PageReport {
  readonly stats: {
    memdumpTime: number;
    memwriteTime: number;
    pagesSkippedParent: number;
    pagesWritten: number;
    shpagesSkippedParent: number;
    shpagesWritten: number;
  };
  /** @throws CriuError when the operation has been cancelled */
  reached(point: string): void;
  progress(phase: 'write', message: string, done: number, total: number): void;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

export class PagePump {
  private readonly lanes: Lanes;
  private first: Stopwatch | undefined;
  /** Bytes of all jobs, and of those that are done. */
  private total = 0;
  private bytes = 0;
  /** Bytes that had been moved before the jobs that are not done. */
  private moved = 0;
  /** Since when pages are moved, and how many jobs do so. */
  private moving: Stopwatch | undefined;
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ctx: PageReport,
    private readonly sink: PageSink,
    private readonly changes: ChangeFinder | undefined,
  ) {
    // A comparison with the previous images has several threads of its own.
    this.lanes = new Lanes((!changes && sink.atOnce) || 1);
  }

  /** Drops a job that was not started. */
  drop({ fd, done }: PageJob): void {
    if (fd >= 0) closeSync(fd);
    done?.();
  }

  /** Queues a job whose pages are known. */
  add(job: PageJob): void {
    this.first ??= new Stopwatch();
    this.total += job.runs.bytes;
    const place = this.placing(job);
    this.lanes.add(
      () => this.copy(job, place),
      () => this.drop(job),
    );
  }

  /**
   * Without change tracking the entries of a job are known at once; otherwise changes are looked up when the job's turn
   * comes.
   */
  private placing(job: PageJob): () => Promise<Move> {
    const { changes, sink } = this;
    if (changes) return async () => sink.place(job, await changes.apply(job));
    const move = sink.place(job, job.runs);
    return async () => move;
  }

  private async copy(job: PageJob, place: () => Promise<Move>): Promise<void> {
    const { ctx } = this;
    const move = await place();
    const others = this.total - this.bytes - job.runs.bytes;
    this.begin();
    const { bytes } = await move(this.lanes.count === 1 || 2 * others < job.runs.bytes).finally(() =>
      this.end(),
    );
    ctx.stats.memdumpTime = this.first?.microseconds ?? 0;
    this.count(job, bytes);
    this.bytes += job.runs.bytes;
    this.moved += bytes;
    ctx.progress('write', 'writing memory', this.bytes, this.total);
  }

  private begin(): void {
    if (this.running++ > 0) return;
    this.moving = new Stopwatch();
    this.show();
  }

  private end(): void {
    if (--this.running > 0) return;
    this.ctx.stats.memwriteTime += this.moving?.microseconds ?? 0;
    clearInterval(this.timer);
  }

  /** Reports progress at intervals while pages are moved. */
  private show(): void {
    const { onProgress } = this.ctx;
    if (!onProgress) return;
    const before = addon().movedBytes() - this.moved;
    this.timer = setInterval(() => {
      const moved = addon().movedBytes() - before - this.moved;
      const done = Math.min(this.total, this.bytes + moved);
      const seconds = (this.first?.microseconds ?? 0) / 1e6;
      const rate = seconds > 0 ? done / seconds : 0;
      const rest = rate > 0 ? { rate, remaining: (this.total - done) / rate } : {};
      onProgress({ phase: 'write', message: 'writing memory', done, total: this.total, ...rest });
    }, SHOW_MS);
    // The timer must not keep the process alive.
    this.timer.unref();
  }

  private count({ which, runs }: PageJob, bytes: number): void {
    const { stats } = this.ctx;
    const skipped = (runs.bytes - bytes) / PAGE_SIZE;
    if ('pid' in which) {
      stats.pagesWritten += bytes / PAGE_SIZE;
      stats.pagesSkippedParent += skipped;
    } else {
      stats.shpagesWritten += bytes / PAGE_SIZE;
      stats.shpagesSkippedParent += skipped;
    }
  }

  /** Resolves when all image entries are known, which may be before the pages are copied. @throws CriuError */
  async placed(): Promise<void> {
    if (this.changes || this.sink.late) await this.lanes.done();
  }

  /** Resolves when the tasks' memory is not needed any more. @throws CriuError of a copy that failed */
  async copied(): Promise<void> {
    this.ctx.reached('pages');
    await this.lanes.done();
  }

  /** Resolves when all pages have been copied and the sink has finished. @throws CriuError */
  async finished(): Promise<void> {
    await this.copied();
    await this.sink.finish?.();
  }

  /** Resolves when no copy is in progress any more, whether it succeeded or failed. */
  async settled(): Promise<void> {
    await this.lanes.settled();
  }
}
