// Work that goes on beside other work: so much of it at a time, and nobody forgets to wait for it.

export class Together {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  /** @param most pieces at the same time */
  constructor(private readonly most: number) {}

  /** Takes a piece of work that has been begun; what it fails with is told to who waits next. */
  start(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.running.delete(done));
    this.running.add(done);
  }

  /** Waits until one more piece may be begun. @throws what a piece has failed with */
  async room(): Promise<void> {
    while (this.running.size >= this.most) await Promise.race(this.running);
    if (this.failure) throw this.failure.error;
  }

  /** Waits until no piece is at work any more, whatever became of them. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Waits for all pieces. @throws what a piece has failed with */
  async settled(): Promise<void> {
    await this.ended();
    if (this.failure) throw this.failure.error;
  }
}
