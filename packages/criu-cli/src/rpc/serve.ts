// Serves a connection of the RPC from its first to its last request.
import { type CriuReq, CriuReqType } from '@criu/images';
import { type PeerIdentity, SysError } from '@criu/native';
import { Cancellation, type CancelSignal } from '../cancel.js';
import { configChoice, configured } from '../cli/command-line.js';
import { type Engine, engine as ownEngine } from '../cli/engine.js';
import type { Environment } from '../cli/environment.js';
import { parseArguments } from '../cli/normalise.js';
import { usualOptions } from '../cli/usual-options.js';
import { asCriuError, CriuError } from '../errors.js';
import type { CheckResult } from '../features/index.js';
import { Connection, failure } from './connection.js';
import { handle, type ServeContext } from './handlers.js';
import { PageServers } from './page-servers.js';
import { PacketSocket } from './socket.js';

/** criu_req_type of the response to invalid bytes. */
const EMPTY = 0;

export interface ServeOptions {
  /**
   * The client has started this process to be served by it (`criu swrk`): restored tasks can be its children, and both
   * share descriptor numbers.
   */
  readonly worker?: boolean;
  /** Default options for requests, and configuration files (`--config`), in place of a command line. */
  readonly argv?: readonly string[];
  /** HOME, CRIU_CONFIG_FILE and CRIU_FAULT. */
  readonly env?: Environment;
  /** Undoes the operation in progress and closes the connection. */
  readonly signal?: CancelSignal;
  /** Executes a command after a restore that asks for it (`exec_cmd`); without it, such requests are refused. */
  readonly become?: (command: readonly string[], logPath: string | undefined) => Promise<never>;
  /** For a process that ends after the connection: calls a function right before its exit. */
  readonly atExit?: (action: () => void) => void;
  /**
   * Seconds of idle time between two requests after which this function returns, for a caller that has the connection,
   * too, and waits for the next request itself. Undefined: no limit.
   */
  readonly idleSeconds?: number;
  /** For tests. */
  readonly engine?: Engine;
  readonly check?: (names: readonly string[]) => AsyncIterable<CheckResult>;
}

async function* ownCheck(names: readonly string[]): AsyncIterable<CheckResult> {
  yield* (await import('../features/index.js')).check(names);
}

/** Identity of the client. @throws CriuError if the descriptor is not a suitable socket */
function peerOf(socket: PacketSocket): PeerIdentity {
  const wrong = (cause?: unknown) =>
    new CriuError(
      'BAD_OPTION',
      'requests need a socket that keeps messages apart',
      { fd: socket.fd },
      'give a Unix socket of type SOCK_SEQPACKET',
      cause,
    );
  try {
    if (socket.isPacket) return socket.peer;
  } catch (error) {
    throw wrong(error);
  }
  throw wrong();
}

/** The connection is open and idle; the caller has to wait for its next request. */
export const IDLE = 'idle';

async function serve(
  context: ServeContext,
  { become, idleSeconds }: ServeOptions,
): Promise<boolean | typeof IDLE> {
  const { connection, servers, signal } = context;
  let done: boolean | undefined;
  try {
    while (!signal.aborted) {
      // Children for which the client may wait belong to this process, so it cannot hand the connection back.
      if (done !== undefined && idleSeconds !== undefined && servers.none)
        if (!(await connection.socket.messageWithin(idleSeconds * 1000))) return IDLE;
      let request: CriuReq | undefined;
      try {
        request = await connection.request();
      } catch (error) {
        await connection.respond(failure(EMPTY, asCriuError(error, 'cannot receive a request')));
        return false;
      }
      if (!request) return (done ?? false) && !signal.aborted;
      const { response, unheard, become: next } = await handle(request, context);
      if (unheard) return false;
      if (response) await connection.respond(response);
      done = (done ?? true) && (response?.success ?? true);
      if (next && become) {
        if (idleSeconds !== undefined) connection.socket.shutDown();
        connection.socket.close();
        await become(next.command, next.logPath);
      }
      // After a pre-dump, the client sends another pre-dump or the dump.
      if (!request.keep_open && !(request.type === CriuReqType.PRE_DUMP && response?.success)) return done;
    }
    return false;
  } catch (error) {
    // The client has closed the connection.
    if (error instanceof SysError) return false;
    throw error;
  }
}

/**
 * Answers requests on a connected SOCK_SEQPACKET socket, and closes it at the end.
 * @returns whether all requests succeeded; with `idleSeconds`, possibly that the connection is idle
 * @throws CriuError if the descriptor is no socket, or a configuration file is invalid
 */
export async function serveConnection(
  fd: number,
  options: ServeOptions = {},
): Promise<boolean | typeof IDLE> {
  const socket = new PacketSocket(fd);
  // Checked before anything is closed: an unrelated descriptor with that number may belong to Node itself.
  const peer = peerOf(socket);
  const { env = {}, signal = new Cancellation().signal } = options;
  // Between requests there is nothing to undo; within a request the engine does that.
  const interrupt = () => socket.interrupt();
  try {
    const { given } = parseArguments(options.argv ?? []);
    const context: ServeContext = {
      connection: new Connection(socket),
      servers: new PageServers(),
      peer,
      configured: [...configured(configChoice(given), { env }), ...usualOptions(given)],
      env,
      engine: options.engine ?? ownEngine,
      check: options.check ?? ownCheck,
      signal,
      worker: options.worker ?? false,
      becomes: options.become !== undefined,
      ...(options.atExit ? { atExit: options.atExit } : {}),
    };
    signal.addEventListener('abort', interrupt, { once: true });
    const result = await serve(context, options);
    if (result !== IDLE && options.idleSeconds !== undefined) socket.shutDown();
    return result;
  } finally {
    signal.removeEventListener('abort', interrupt);
    socket.close();
  }
}
