// Cancels a dump or a restore: by an AbortSignal of the caller, or when its time limit is over. Everything that waits
// can register a listener.
import { Cancellation, type CancelSignal } from '../cancel.js';
import { CriuError } from '../errors.js';

/** Milliseconds. Node fires a timer with a longer delay at once. */
const LONGEST_MS = 0x7fffffff;

export interface CallOffOptions {
  readonly signal?: CancelSignal;
  /** Seconds until the operation is cancelled with TIMEOUT. */
  readonly timeout?: number;
}

export class CallOff implements Disposable {
  private reason: CriuError | undefined;
  private readonly listeners: ((error: CriuError) => void)[] = [];
  private readonly abort = new Cancellation();
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

  /** Aborted on cancellation, with the error as its reason. */
  get signal(): CancelSignal {
    return this.abort.signal;
  }

  /** The reason for the cancellation; undefined while the operation may go on. */
  get error(): CriuError | undefined {
    return this.reason;
  }

  /** @throws CriuError ABORTED, TIMEOUT */
  check(): void {
    if (this.reason) throw this.reason;
  }

  /** Calls the listener on cancellation; at once if the operation was cancelled already. */
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

  /** Ends the period in which the operation can be cancelled. */
  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.listeners.length = 0;
  }
}
