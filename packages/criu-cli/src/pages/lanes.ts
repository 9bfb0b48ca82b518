// Work that is begun in order, several pieces at a time.

/** Begins work in the order in which it is added, some of it at the same time; after a failure nothing more is begun. */
export class Lanes {
  private readonly waiting: (() => Promise<void>)[] = [];
  private readonly ends: Promise<void>[] = [];
  private running = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    /** Pieces of work that may go on at the same time. */
    readonly count: number,
  ) {}

  /** @param ended called when the work has ended, failed, or is not begun */
  add(work: () => Promise<void>, ended = () => {}): void {
    const outcome = new Promise<void>((resolve, reject) => {
      this.waiting.push(async () => {
        try {
          if (this.failure) throw this.failure.error;
          await work();
          resolve();
        } catch (error) {
          this.failure ??= { error };
          reject(error);
        }
      });
    });
    const end = outcome.finally(ended);
    // `done` reports a failure. Until then the rejection must not count as unhandled.
    end.catch(() => undefined);
    this.ends.push(end);
    void this.work();
  }

  /** Resolves when all has ended. Rejects at the first failure, while other work may still go on. */
  async done(): Promise<void> {
    await Promise.all(this.ends);
  }

  /** Resolves when nothing goes on any more, whether it succeeded or failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.ends);
  }

  private async work(): Promise<void> {
    if (this.running === this.count) return;
    this.running++;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next();
    this.running--;
  }
}
