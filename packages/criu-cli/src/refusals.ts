// What is in the way of a dump or a restore, collected: whoever is refused hears of all of it at once.
import { CriuError, type CriuErrorCode } from './errors.js';

/** Errors that say that something is in the way, and nothing of what else there is. */
const REFUSALS: ReadonlySet<CriuErrorCode> = new Set(['UNSUPPORTED', 'NOT_DUMPABLE', 'BAD_OPTION']);

/** Errors that end everything, whatever was refused before. */
const ENDS: ReadonlySet<CriuErrorCode> = new Set([
  'ABORTED',
  'TIMEOUT',
  'TASK_DIED',
  'NO_SPACE',
  'NOTIFY_FAILED',
]);

function isRefusal(error: unknown): error is CriuError {
  return error instanceof CriuError && REFUSALS.has(error.code);
}

export class Refusals {
  private readonly found: CriuError[] = [];

  get any(): boolean {
    return this.found.length > 0;
  }

  /**
   * Does something. If that is refused, the reason is kept, and the result is undefined. So it is, without a word, for
   * what fails when something was refused before, and may follow from that. @throws whatever else goes wrong
   */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.take(error);
      return undefined;
    }
  }

  /** The same for what takes time. */
  async attemptAsync<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.take(error);
      return undefined;
    }
  }

  add(error: CriuError): void {
    for (const one of error.all) if (!this.found.some((e) => same(e, one))) this.found.push(one);
  }

  private take(error: unknown): void {
    if (isRefusal(error)) this.add(error);
    else if (!this.any || (error instanceof CriuError && ENDS.has(error.code))) throw error;
  }

  /** @throws CriuError with all that was refused, if anything was */
  settle(): void {
    const [first, ...more] = this.found;
    if (!first) return;
    throw more.length === 0 ? first : CriuError.of([first, ...more]);
  }
}

function same(a: CriuError, b: CriuError): boolean {
  return a.explain() === b.explain();
}
