// Signals that an operation is cancelled, as AbortController has them. Node loads that when it is first used, which takes a
// millisecond of each dump and restore.

/** The part of an AbortSignal that this package uses. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Cancels once; listeners are called in the order in which they were added. */
export class Cancellation {
  private cancelled = false;
  private cause: unknown;
  private readonly listeners = new Set<() => void>();
  readonly signal: CancelSignal;

  constructor() {
    const self = this;
    this.signal = {
      get aborted() {
        return self.cancelled;
      },
      get reason() {
        return self.cause;
      },
      addEventListener: (_type, listener) => {
        if (!self.cancelled) self.listeners.add(listener);
      },
      removeEventListener: (_type, listener) => {
        self.listeners.delete(listener);
      },
    };
  }

  abort(reason?: unknown): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.cause = reason;
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener();
  }
}

/** Cancelled with the first of several signals; disposing of it ends that. */
export class AnyOf extends Cancellation implements Disposable {
  private readonly followed: readonly (() => void)[];

  constructor(...signals: readonly CancelSignal[]) {
    super();
    this.followed = signals.map((signal) => {
      const follow = () => this.abort(signal.reason);
      if (signal.aborted) follow();
      else signal.addEventListener('abort', follow, { once: true });
      return () => signal.removeEventListener('abort', follow);
    });
  }

  [Symbol.dispose](): void {
    for (const leave of this.followed) leave();
  }
}

/** An AbortSignal that is aborted with another signal, for functions that take no other. */
export function asAbortSignal(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return own.signal;
}
