// The memory of stopped tasks on its way to where it is kept, beside everything else that is done meanwhile.
import { PAGE_SIZE } from '@criu/images';
import { addon } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ProgressEvent } from '../options.js';
import { Stopwatch } from '../stopwatch.js';
import type { ChangeFinder } from './changes.js';
import type { PageJob } from './runs.js';
import type { Move, PageSink } from './sinks/sink.js';

const SHOW_MS = 200;

/** Whoever has pages moved: told how far it is, and what it took. */
export interface PageReport {
  readonly stats: {
    memdumpTime: number;
    memwriteTime: number;
    pagesSkippedParent: number;
    pagesWritten: number;
    shpagesSkippedParent: number;
    shpagesWritten: number;
  };
  /** @throws CriuError when the operation has been called off */
  reached(point: string): void;
  progress(phase: 'write', message: string, done: number, total: number): void;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

export class PagePump {
  private copying: Promise<void> = Promise.resolve();
  private first: Stopwatch | undefined;
  private bytes = 0;
  private total = 0;

  constructor(
    private readonly ctx: PageReport,
    private readonly sink: PageSink,
    private readonly changes: ChangeFinder | undefined,
  ) {}

  /** Gives up what was not begun. */
  drop({ fd }: PageJob): void {
    if (fd >= 0) closeSync(fd);
  }

  /** Begins with a memory whose pages are known. */
  add(job: PageJob): void {
    this.first ??= new Stopwatch();
    this.total += job.runs.bytes;
    const place = this.placing(job);
    this.copying = this.copying.then(() => this.copy(job, place)).finally(() => this.drop(job));
    // Whoever awaits it hears of a failure.
    this.copying.catch(() => undefined);
  }

  /** Entries of what is written in any case are known at once; what has changed is found when its turn has come. */
  private placing(job: PageJob): () => Promise<Move> {
    const { changes, sink } = this;
    if (changes) return async () => sink.place(job, await changes.apply(job));
    const move = sink.place(job, job.runs);
    return async () => move;
  }

  private async copy(job: PageJob, place: () => Promise<Move>): Promise<void> {
    const { ctx } = this;
    const move = await place();
    const watch = new Stopwatch();
    const stop = this.show(job);
    const { bytes } = await move().finally(stop);
    ctx.stats.memwriteTime += watch.microseconds;
    ctx.stats.memdumpTime = this.first?.microseconds ?? 0;
    this.count(job, bytes);
    this.bytes += job.runs.bytes;
    ctx.progress('write', 'writing memory', this.bytes, this.total);
  }

  /** Says again and again how far it is. */
  private show({ runs }: PageJob): () => void {
    const { onProgress } = this.ctx;
    if (!onProgress) return () => {};
    const before = addon().movedBytes();
    const timer = setInterval(() => {
      const done = this.bytes + Math.min(runs.bytes, addon().movedBytes() - before);
      const seconds = (this.first?.microseconds ?? 0) / 1e6;
      const rate = seconds > 0 ? done / seconds : 0;
      const rest = rate > 0 ? { rate, remaining: (this.total - done) / rate } : {};
      onProgress({ phase: 'write', message: 'writing memory', done, total: this.total, ...rest });
    }, SHOW_MS);
    // It keeps nobody waiting.
    timer.unref();
    return () => clearInterval(timer);
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

  /** Resolves when all entries of images are known, which may be before the pages are copied. @throws CriuError */
  async placed(): Promise<void> {
    if (this.changes || this.sink.late) await this.copying;
  }

  /** Resolves when no task is needed any more. @throws CriuError of a copy that failed */
  async copied(): Promise<void> {
    this.ctx.reached('pages');
    await this.copying;
  }

  /** The same, and all of it is where it is kept. @throws CriuError */
  async finished(): Promise<void> {
    await this.copied();
    await this.sink.finish?.();
  }

  /** Resolves when nothing is being copied any more, whether that went well or not. */
  async settled(): Promise<void> {
    await this.copying.catch(() => undefined);
  }
}
