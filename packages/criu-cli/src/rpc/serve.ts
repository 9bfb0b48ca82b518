// Serves one connection of the RPC from its first request to its last.
import { type CriuReq, CriuReqType } from '@criu/images';
import { type PeerIdentity, SysError } from '@criu/native';
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

/** criu_req_type of an answer to what was no request. */
const EMPTY = 0;

export interface ServeOptions {
  /**
   * The other end is the process that has started this one only to be served (`criu swrk`): restored tasks can be its
   * children, and numbers of descriptors mean the same to both.
   */
  readonly worker?: boolean;
  /** Stands in for the command line: options that are usual for requests, and configuration files (`--config`). */
  readonly argv?: readonly string[];
  /** HOME, CRIU_CONFIG_FILE and CRIU_FAULT. */
  readonly env?: Environment;
  /** Rolls back what is under way and closes the connection. */
  readonly signal?: AbortSignal;
  /** Becomes a command after a restore that asks for it (`exec_cmd`), which is refused otherwise. */
  readonly become?: (command: readonly string[], logPath: string | undefined) => Promise<never>;
  /**
   * Seconds that a client may let pass between two requests until this gives up being the one who serves it: for who has
   * the connection too, and waits for the next request itself. Without, a client may take its time.
   */
  readonly idleSeconds?: number;
  /** For tests. */
  readonly engine?: Engine;
  readonly check?: (names: readonly string[]) => AsyncIterable<CheckResult>;
}

async function* ownCheck(names: readonly string[]): AsyncIterable<CheckResult> {
  yield* (await import('../features/index.js')).check(names);
}

/** @throws CriuError if it is no socket that requests can come from */
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

/** The connection is still there, and somebody else is to wait for its next request. */
export const IDLE = 'idle';

async function serve(
  context: ServeContext,
  { become, idleSeconds }: ServeOptions,
): Promise<boolean | typeof IDLE> {
  const { connection, servers, signal } = context;
  let done: boolean | undefined;
  try {
    while (!signal.aborted) {
      // Who is to be waited for is a child of this process.
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
      const { response, become: next } = await handle(request, context);
      if (response) await connection.respond(response);
      done = (done ?? true) && (response?.success ?? true);
      if (next && become) {
        if (idleSeconds !== undefined) connection.socket.shutDown();
        connection.socket.close();
        await become(next.command, next.logPath);
      }
      // A pre-dump is followed by another one, or by the dump.
      if (!request.keep_open && !(request.type === CriuReqType.PRE_DUMP && response?.success)) return done;
    }
    return false;
  } catch (error) {
    // A client that is gone is told nothing.
    if (error instanceof SysError) return false;
    throw error;
  }
}

/**
 * Answers requests on a connected SOCK_SEQPACKET socket, which is closed in the end.
 * @returns whether all requests were done; with `idleSeconds`, maybe that the connection is idle
 * @throws CriuError if the descriptor is no socket, or a configuration file is wrong
 */
export async function serveConnection(
  fd: number,
  options: ServeOptions = {},
): Promise<boolean | typeof IDLE> {
  const socket = new PacketSocket(fd);
  // A descriptor that is none of ours stays open: the number may be that of something which node itself needs.
  const peer = peerOf(socket);
  const { env = {}, signal = new AbortController().signal } = options;
  // Between requests nothing has to be rolled back; within one the engine does that.
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
