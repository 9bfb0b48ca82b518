// Notifications at the stages of dump and restore: for callbacks of the API, RPC clients and action scripts alike.
import { asCriuError, CriuError, type CriuErrorCode } from './errors.js';
import type { Logger } from './log.js';

/** Stages by the names that action scripts and RPC clients know them by. */
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
  /** Pid of the root task, once there is one. */
  readonly pid?: number;
  /** `orphan-pts-master`: a new terminal's master; the listener gets a copy by duplicating it, and leaves this one be. */
  readonly fd?: number;
  /** Aborted when the operation is called off while the listener is at work. */
  readonly signal?: AbortSignal;
}

export interface NotifyAnswer {
  /** `query-ext-files`: more values of `--external`. */
  readonly external?: readonly string[];
  /** `orphan-pts-master`: somebody has taken the master. */
  readonly taken?: boolean;
}

/** Gets every notification; throws if the operation is not to go on. */
export type NotifyListener = (
  event: Notification,
) => Promise<NotifyAnswer | undefined> | Promise<void> | NotifyAnswer | void;

export interface NotifyOptions {
  readonly imagesDir: string;
  readonly log?: Logger;
  readonly signal?: AbortSignal;
  readonly notify?: NotifyListener | readonly NotifyListener[];
}

/** What a listener threw; it had been told of `action`. */
export class NotifyError extends CriuError {
  constructor(
    readonly action: NotifyAction,
    /** Exit code of a script, 1 if it was none. */
    readonly exitCode: number,
    cause: unknown,
  ) {
    super('NOTIFY_FAILED', `stopped at ${action}`, {}, undefined, cause);
    this.name = 'NotifyError';
  }
}

/** An action script that ended with another exit code than 0. */
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

function rejection(signal: AbortSignal): { promise: Promise<never>; dispose(): void } {
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

/** Whoever ends the operation so has nothing to say about its stage. */
const CALLED_OFF: ReadonlySet<CriuErrorCode> = new Set(['ABORTED', 'TIMEOUT']);

/** Tells the listeners of an operation one after the other. */
export class Notifier {
  private readonly listeners: readonly NotifyListener[];

  constructor(private readonly options: NotifyOptions) {
    const { notify = [] } = options;
    this.listeners = typeof notify === 'function' ? [notify] : notify;
  }

  /** Whether anybody listens. */
  get wanted(): boolean {
    return this.listeners.length > 0;
  }

  /** All listeners hear of it, also when one of them fails. @throws NotifyError, CriuError ABORTED or TIMEOUT */
  async tell(action: NotifyAction, more: { pid?: number; fd?: number } = {}): Promise<NotifyAnswer> {
    const { log, signal, imagesDir } = this.options;
    const external: string[] = [];
    let taken = false;
    let failure: unknown;
    if (this.wanted) log?.debug(`Running ${action} scripts`);
    for (const listener of this.listeners) {
      const abort = signal && rejection(signal);
      try {
        const said = Promise.resolve(listener({ action, imagesDir, ...more, ...(signal ? { signal } : {}) }));
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

  /** Where a failure can undo nothing any more: it is only said in the log. */
  async inform(action: NotifyAction, more: { pid?: number } = {}): Promise<void> {
    try {
      await this.tell(action, more);
    } catch (error) {
      this.options.log?.error(asCriuError(error, action).explain());
    }
  }
}
