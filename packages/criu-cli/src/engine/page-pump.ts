// The memory of stopped tasks on its way to the images, beside everything else that is done meanwhile.
import {
  copyPages,
  type PageArena,
  type PagePlan,
  type PendingPages,
  writePending,
} from '../resources/memory/pages-dump.js';
import type { DumpContext } from './dump-context.js';
import { Stopwatch } from './stopwatch.js';

export class PagePump {
  private readonly waiting: PendingPages[] = [];
  private copying: Promise<void> = Promise.resolve();
  private writing: Promise<void> = Promise.resolve();
  private first: Stopwatch | undefined;

  constructor(
    private readonly ctx: DumpContext,
    private readonly arena: PageArena | undefined,
  ) {}

  /** Begins with the pages of a task. */
  start(plan: PagePlan): void {
    this.first ??= new Stopwatch();
    this.copying = this.copying.then(() => this.copy(plan));
    // Whoever awaits it hears of a failure.
    this.copying.catch(() => undefined);
  }

  private async copy(plan: PagePlan): Promise<void> {
    const later = await copyPages(this.ctx, plan, this.arena);
    if (later) this.waiting.push(later);
    this.ctx.stats.memdumpTime = this.first!.microseconds;
    // Tasks that shall run on are not to be held up by a disk.
    if (!this.ctx.options.leaveRunning) void this.write();
  }

  /** Resolves when no task is needed any more. @throws CriuError of a copy that failed */
  async copied(): Promise<void> {
    this.ctx.reached('pages');
    await this.copying;
  }

  /** Writes what stands in the arena; resolves when it is in the files. @throws CriuError */
  write(): Promise<void> {
    this.writing = this.writing.then(() => this.drain());
    this.writing.catch(() => undefined);
    return this.writing;
  }

  private async drain(): Promise<void> {
    const watch = new Stopwatch();
    const total = this.waiting.reduce((n, p) => n + p.bytes, 0);
    let done = 0;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      this.ctx.progress('write', 'writing memory', done, total);
      await writePending(this.arena!, next);
      done += next.bytes;
    }
    this.ctx.stats.memwriteTime += watch.microseconds;
  }

  /** Resolves when nothing is being copied or written any more, whether that went well or not. */
  async settled(): Promise<void> {
    await this.copying.catch(() => undefined);
    await this.writing.catch(() => undefined);
  }
}
