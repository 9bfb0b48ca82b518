// Copies the memory of stopped tasks, one after the other, beside everything else that is done in the freeze.
import { pagePlans } from '../resources/memory/dump.js';
import { copyPages, type PageArena, type PendingPages } from '../resources/memory/pages-dump.js';
import type { DumpContext, LiveTask } from './dump-context.js';
import { Stopwatch } from './stopwatch.js';

export class PagePump {
  private readonly pending: PendingPages[] = [];
  private queue: Promise<void> = Promise.resolve();
  private first: Stopwatch | undefined;

  constructor(
    private readonly ctx: DumpContext,
    private readonly arena: PageArena | undefined,
  ) {}

  /** Begins with a task whose pages are known. */
  start(task: LiveTask): void {
    this.first ??= new Stopwatch();
    const turn = this.queue.then(() => this.copy(task));
    turn.catch(() => undefined);
    this.queue = turn;
  }

  private async copy(task: LiveTask): Promise<void> {
    const later = await copyPages(this.ctx, pagePlans.get(task)!, this.arena);
    if (later) this.pending.push(later);
    this.ctx.stats.memdumpTime = this.first!.microseconds;
  }

  /** Resolves when nothing is being copied any more, whether that went well or not. */
  async settled(): Promise<void> {
    await this.queue.catch(() => undefined);
  }

  /** What stands in the arena and has to be written. @throws CriuError of a copy that failed */
  async finish(): Promise<PendingPages[]> {
    this.ctx.reached('pages');
    await this.queue;
    return this.pending;
  }
}
