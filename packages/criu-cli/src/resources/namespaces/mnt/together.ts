// Background work with a limit on the number of simultaneous pieces.

export class Together {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  /** @param most number of simultaneous pieces */
  constructor(private readonly most: number) {}

  /** Adds a piece of work that was started; its failure is reported to the next waiting caller. */
  start(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.running.delete(done));
    this.running.add(done);
  }

  /** Waits until another piece may be started. @throws the failure of a piece */
  async room(): Promise<void> {
    while (this.running.size >= this.most) await Promise.race(this.running);
    if (this.failure) throw this.failure.error;
  }

  /** Waits until no piece is running any more, whether they succeeded or failed. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Waits for all pieces. @throws the failure of a piece */
  async settled(): Promise<void> {
    await this.ended();
    if (this.failure) throw this.failure.error;
  }
}
