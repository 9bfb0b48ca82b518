// Measures elapsed time. `performance` would take 3 ms on first use, since Node loads all of perf_hooks for it.
export class Stopwatch {
  private readonly start = process.hrtime.bigint();

  /** Whole microseconds since creation. */
  get microseconds(): number {
    return Number((process.hrtime.bigint() - this.start) / 1000n);
  }

  get milliseconds(): number {
    return this.microseconds / 1000;
  }
}
