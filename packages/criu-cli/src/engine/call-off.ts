// What calls a dump or a restore off: a signal of whoever asked for it, or its time limit. Everything that waits hears of it.
import { CriuError } from '../errors.js';

/** Longer timers of node are over at once. */
const LONGEST_MS = 0x7fffffff;

export interface CallOffOptions {
  readonly signal?: AbortSignal;
  /** Seconds until it is called off of itself. */
  readonly timeout?: number;
}

export class CallOff implements Disposable {
  private reason: CriuError | undefined;
  private readonly listeners: ((error: CriuError) => void)[] = [];
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort = () => this.call(new CriuError('ABORTED', `the ${this.what} was called off`));

  constructor(
    private readonly options: CallOffOptions,
    private readonly what: 'dump' | 'pre-dump' | 'restore',
  ) {
    const { signal, timeout } = options;
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
    if (timeout === undefined) return;
    this.timer = setTimeout(
      () => {
        const late = `the ${what} took longer than ${timeout} s`;
        this.call(new CriuError('TIMEOUT', late, {}, 'allow more time with --timeout'));
      },
      Math.min(timeout * 1000, LONGEST_MS),
    );
  }

  /** Aborted when it happens, with the error as its reason: for whatever takes a signal. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Why nothing more is to be done. */
  get error(): CriuError | undefined {
    return this.reason;
  }

  /** @throws CriuError ABORTED, TIMEOUT */
  check(): void {
    if (this.reason) throw this.reason;
  }

  /** Has something done when it happens; at once if it has. */
  listen(listener: (error: CriuError) => void): void {
    if (this.reason) listener(this.reason);
    else this.listeners.push(listener);
  }

  private call(error: CriuError): void {
    if (this.reason) return;
    this.reason = error;
    this.abort.abort(error);
    for (const listener of this.listeners.splice(0)) listener(error);
  }

  /** From here on nothing is called off any more. */
  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.listeners.length = 0;
  }
}
