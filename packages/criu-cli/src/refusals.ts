// Collects the reasons why a dump or a restore is not possible, so that the user learns all of them at once.
import { CriuError, type CriuErrorCode } from './errors.js';

/** Codes of refusals; after one of them other checks can go on. */
const REFUSALS: ReadonlySet<CriuErrorCode> = new Set(['UNSUPPORTED', 'NOT_DUMPABLE', 'BAD_OPTION']);

/** Codes that end the operation, whatever was refused before. */
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
   * Calls `work`. If it refuses, the refusal is recorded and the result is undefined. Other errors are dropped if
   * something was refused before, since they may be a consequence of it.
   * @throws any other error
   */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.take(error);
      return undefined;
    }
  }

  /** The same for asynchronous work. */
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

  /** @throws CriuError with all refusals, if there are any */
  settle(): void {
    const [first, ...more] = this.found;
    if (!first) return;
    throw more.length === 0 ? first : CriuError.of([first, ...more]);
  }
}

function same(a: CriuError, b: CriuError): boolean {
  return a.explain() === b.explain();
}
