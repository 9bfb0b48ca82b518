// Elapsed time in the unit of the statistics.
export class Stopwatch {
  private readonly start = process.hrtime.bigint();

  /** Whole microseconds since it was made. */
  get microseconds(): number {
    return Number((process.hrtime.bigint() - this.start) / 1000n);
  }
}
