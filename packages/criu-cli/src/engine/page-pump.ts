// The memory of stopped tasks on its way to the images, beside everything else that is done meanwhile.
import { copyPages, numberPages, type PagePlan } from '../resources/memory/pages-dump.js';
import type { PagesFile, PreparedPages } from '../resources/memory/prepared-pages.js';
import type { DumpContext } from './dump-context.js';
import { Stopwatch } from './stopwatch.js';

const PAGE = 4096;

export class PagePump {
  private copying: Promise<void> = Promise.resolve();
  private first: Stopwatch | undefined;
  private bytes = 0;

  constructor(
    private readonly ctx: DumpContext,
    private readonly prepared: PreparedPages,
  ) {}

  /** Begins with a task whose pages are known. */
  start(plan: PagePlan): void {
    this.first ??= new Stopwatch();
    const file = this.prepared.take(plan.task.pid);
    const id = numberPages(this.ctx, plan, file);
    this.copying = this.copying.then(() => this.copy(plan, id, file));
    // Whoever awaits it hears of a failure.
    this.copying.catch(() => undefined);
  }

  private async copy(plan: PagePlan, id: number, file: PagesFile | undefined): Promise<void> {
    const { ctx } = this;
    const watch = new Stopwatch();
    await copyPages(ctx, plan, id, file);
    ctx.stats.memwriteTime += watch.microseconds;
    ctx.stats.memdumpTime = this.first!.microseconds;
    this.bytes += plan.bytes;
    ctx.progress('write', 'writing memory', this.bytes, ctx.stats.pagesWritten * PAGE);
  }

  /** Resolves when no task is needed any more. @throws CriuError of a copy that failed */
  async copied(): Promise<void> {
    this.ctx.reached('pages');
    await this.copying;
  }

  /** Resolves when nothing is being copied any more, whether that went well or not. */
  async settled(): Promise<void> {
    await this.copying.catch(() => undefined);
  }
}
