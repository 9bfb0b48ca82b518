// Notifications about stages of dump and restore, for callbacks of the API, RPC clients and action scripts alike.
import { asAbortSignal, type CancelSignal } from './cancel.js';
import { asCriuError, CriuError, type CriuErrorCode } from './errors.js';
import type { Logger } from './log.js';

/** The stages, by the names that action scripts and RPC clients get. */
export type NotifyAction =
  | 'pre-dump'
  | 'network-lock'
  | 'query-ext-files'
  | 'post-dump'
  | 'pre-restore'
  | 'setup-namespaces'
  | 'post-setup-namespaces'
  | 'orphan-pts-master'
  | 'post-restore'
  | 'network-unlock'
  | 'pre-resume'
  | 'post-resume'
  | 'status-ready';

export interface Notification {
  readonly action: NotifyAction;
  readonly imagesDir: string;
  /** Pid of the root task, once it exists. */
  readonly pid?: number;
  /** For `orphan-pts-master`: the master of a new terminal. The listener may duplicate it and must not close it. */
  readonly fd?: number;
  /** Aborted when the operation is cancelled while the listener runs. */
  readonly signal?: AbortSignal;
}

export interface NotifyAnswer {
  /** For `query-ext-files`: further values of `--external`. */
  readonly external?: readonly string[];
  /** For `orphan-pts-master`: the listener has taken the master. */
  readonly taken?: boolean;
}

/** Receives every notification; throws to stop the operation. */
export type NotifyListener = (
  event: Notification,
) => Promise<NotifyAnswer | undefined> | Promise<void> | NotifyAnswer | void;

export interface NotifyOptions {
  readonly imagesDir: string;
  readonly log?: Logger;
  readonly signal?: CancelSignal;
  readonly notify?: NotifyListener | readonly NotifyListener[];
}

/** A listener has failed at the stage `action`. */
export class NotifyError extends CriuError {
  constructor(
    readonly action: NotifyAction,
    /** Exit code of the script; 1 if the listener was no script. */
    readonly exitCode: number,
    cause: unknown,
  ) {
    super('NOTIFY_FAILED', `stopped at ${action}`, {}, undefined, cause);
    this.name = 'NotifyError';
  }
}

/** An action script has exited with a non-zero code. */
export class ScriptError extends Error {
  constructor(
    script: string,
    readonly exitCode: number,
    how: string,
  ) {
    super(`the script ${script} ${how}`);
    this.name = 'ScriptError';
  }
}

function rejection(signal: CancelSignal): { promise: Promise<never>; dispose(): void } {
  let dispose = () => {};
  const promise = new Promise<never>((_, reject) => {
    const abort = () =>
      reject(signal.reason instanceof CriuError ? signal.reason : new CriuError('ABORTED', 'called off'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    dispose = () => signal.removeEventListener('abort', abort);
  });
  promise.catch(() => undefined);
  return { promise, dispose };
}

/** Codes of a cancelled operation; they are passed on without naming the stage. */
const CALLED_OFF: ReadonlySet<CriuErrorCode> = new Set(['ABORTED', 'TIMEOUT']);

/** Notifies the listeners of an operation one after the other. */
export class Notifier {
  private readonly listeners: readonly NotifyListener[];
  private forListeners: AbortSignal | undefined;

  constructor(private readonly options: NotifyOptions) {
    const { notify = [] } = options;
    this.listeners = typeof notify === 'function' ? [notify] : notify;
  }

  /** Whether there are any listeners. */
  get wanted(): boolean {
    return this.listeners.length > 0;
  }

  /** Notifies all listeners, even if one of them fails. @throws NotifyError, CriuError ABORTED or TIMEOUT */
  async tell(action: NotifyAction, more: { pid?: number; fd?: number } = {}): Promise<NotifyAnswer> {
    const { log, signal } = this.options;
    const event = this.event(action, more);
    const external: string[] = [];
    let taken = false;
    let failure: unknown;
    if (this.wanted) log?.debug(`Running ${action} scripts`);
    for (const listener of this.listeners) {
      const abort = signal && rejection(signal);
      try {
        const said = Promise.resolve(listener(event));
        const answer = await (abort ? Promise.race([said, abort.promise]) : said);
        external.push(...(answer?.external ?? []));
        taken ||= answer?.taken ?? false;
      } catch (error) {
        if (error instanceof CriuError && CALLED_OFF.has(error.code)) throw error;
        log?.error(`${action}: ${(error as Error).message}`);
        failure ??= error;
      } finally {
        abort?.dispose();
      }
    }
    if (failure !== undefined)
      throw new NotifyError(action, failure instanceof ScriptError ? failure.exitCode : 1, failure);
    return { external, taken };
  }

  /** What listeners are told. They may hand the signal to functions of others; few ask for it. */
  private event(action: NotifyAction, more: { pid?: number; fd?: number }): Notification {
    const { signal, imagesDir } = this.options;
    const event = { action, imagesDir, ...more };
    if (!signal) return event;
    const abortSignal = () => {
      this.forListeners ??= asAbortSignal(signal);
      return this.forListeners;
    };
    return {
      ...event,
      get signal() {
        return abortSignal();
      },
    };
  }

  /** Notifies where a failure can no longer undo the operation: it is only logged. */
  async inform(action: NotifyAction, more: { pid?: number } = {}): Promise<void> {
    try {
      await this.tell(action, more);
    } catch (error) {
      this.options.log?.error(asCriuError(error, action).explain());
    }
  }
}
