// Elapsed time. `performance` would take its first user 3 ms, as node loads all of perf_hooks for it.
export class Stopwatch {
  private readonly start = process.hrtime.bigint();

  /** Whole microseconds since it was made. */
  get microseconds(): number {
    return Number((process.hrtime.bigint() - this.start) / 1000n);
  }

  get milliseconds(): number {
    return this.microseconds / 1000;
  }
}
