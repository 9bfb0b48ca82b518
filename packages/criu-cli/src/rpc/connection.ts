// A connection of the RPC: receives requests, sends responses, and asks the client questions in between.
import {
  type CriuReq,
  CriuReqType,
  type CriuResp,
  decodeMessage,
  type Encodable,
  encodeMessage,
} from '@criu/images';
import { Cancellation } from '../cancel.js';
import { optionNamed } from '../cli/option-table.js';
import { CriuError } from '../errors.js';
import type { Notification, NotifyAnswer, NotifyListener } from '../notify.js';
import { errnoOf, messageOf } from './errors.js';
import type { HangUp, PacketSocket } from './socket.js';

export type Response = Encodable<CriuResp>;

/** Stages whose notification includes the pid of the root task. */
const WITH_PID: ReadonlySet<string> = new Set(['setup-namespaces', 'post-restore']);

/** The response for an error. */
export function failure(type: number, error: CriuError): Response {
  return { type, success: false, cr_errno: errnoOf(error), cr_errmsg: messageOf(error) };
}

function silence(action: string, seconds: number): CriuError {
  return new CriuError(
    'TIMEOUT',
    `the client has not answered ${action} for ${seconds} s`,
    {},
    'answer sooner, or say with the option timeout how long all of it may take',
  );
}

export class Connection {
  /** Settled while no question is open. */
  private question: Promise<void> = Promise.resolve();

  constructor(readonly socket: PacketSocket) {}

  /**
   * Receives the next request; undefined if the client has closed the connection.
   * @throws CriuError for invalid bytes
   */
  async request(): Promise<CriuReq | undefined> {
    const bytes = await this.socket.receive();
    if (bytes === undefined) return undefined;
    try {
      return decodeMessage('CriuReq', bytes);
    } catch (error) {
      throw new CriuError(
        'BAD_OPTION',
        'the request cannot be understood',
        {},
        'it has to be a criu_req',
        error,
      );
    }
  }

  /** @throws SysError if the client has closed the connection */
  respond(response: Response, descriptor?: number): Promise<void> {
    return this.socket.send(encodeMessage('CriuResp', response), descriptor);
  }

  /**
   * A listener that passes notifications to the client and waits for its answer. Tasks are stopped meanwhile, hence the
   * time limit.
   * @param patience seconds to wait for an answer; undefined: only the limit of the whole operation applies
   */
  listener(patience: number | undefined): NotifyListener {
    return async (event) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        if (patience === undefined) return;
        timer = setTimeout(() => reject(silence(event.action, patience)), patience * 1000);
      });
      try {
        const asked = this.ask(event);
        this.question = asked.then(
          () => undefined,
          () => undefined,
        );
        return await Promise.race([asked, late]);
      } finally {
        clearTimeout(timer);
      }
    };
  }

  /** Watches for the client closing the connection, except during a question, which reports that itself. */
  watchHangUp(): HangUp {
    const hangUp = this.socket.watchHangUp();
    const abort = new Cancellation();
    hangUp.signal.addEventListener('abort', () => {
      void this.question.then(() => setImmediate(() => abort.abort()));
    });
    return { signal: abort.signal, [Symbol.dispose]: () => hangUp[Symbol.dispose]() };
  }

  private async ask({ action, pid, fd }: Notification): Promise<NotifyAnswer> {
    const notify = { script: action, ...(pid !== undefined && WITH_PID.has(action) ? { pid } : {}) };
    await this.respond({ type: CriuReqType.NOTIFY, success: true, notify }, fd);
    const answer = await this.request();
    if (!answer) throw new Error('the client is gone');
    if (answer.type !== CriuReqType.NOTIFY)
      throw new Error(`the client answered with request ${answer.type}`);
    if (!answer.notify_success) throw new Error('the client said no');
    const external = answer.opts?.external ?? [];
    if (external.length > 0 && optionNamed('external').support === 'no')
      throw new Error('the client names external resources, which are not supported yet');
    return { external, taken: fd !== undefined };
  }
}
