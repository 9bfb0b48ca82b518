// What calls a restore off: a signal of whoever asked for it, or its time limit. Everything that waits hears of it.
import { CriuError } from '../errors.js';

export interface CallOffOptions {
  readonly signal?: AbortSignal;
  /** Seconds until it is called off of itself. */
  readonly timeout?: number;
}

export class CallOff implements Disposable {
  private reason: CriuError | undefined;
  private readonly listeners: ((error: CriuError) => void)[] = [];
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort = () => this.call(new CriuError('ABORTED', 'the restore was called off'));

  constructor(private readonly options: CallOffOptions) {
    const { signal, timeout } = options;
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort, { once: true });
    if (timeout === undefined) return;
    this.timer = setTimeout(() => {
      const what = `the restore took longer than ${timeout} s`;
      this.call(new CriuError('TIMEOUT', what, {}, 'allow more time with --timeout'));
    }, timeout * 1000);
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
    for (const listener of this.listeners.splice(0)) listener(error);
  }

  /** From here on nothing is called off any more. */
  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.listeners.length = 0;
  }
}
