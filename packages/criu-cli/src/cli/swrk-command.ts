// `criu swrk FD`: serves the requests of the process that has started it, or one connection of `criu service`.
import { Cancellation } from '../cancel.js';
import { CriuError } from '../errors.js';
import { IDLE, serveConnection } from '../rpc/serve.js';
import { PacketSocket } from '../rpc/socket.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

/** Second operand of a worker that was started by a service. */
export const FOR_SERVICE = 'service';
/** Exit code of such a worker if its client is connected but idle; the service then waits for its next request. */
export const HANDED_BACK = 75;
const IDLE_SECONDS = 5;

/** Second operand of a spare worker, which gets its connection later by way of the socket. */
export const SPARE = 'spare';

/** Waits for the connection of the first request; undefined if the service has ended. */
async function awaitConnection(fd: number, shell: Shell): Promise<number | undefined> {
  const line = new PacketSocket(fd);
  await shell.engine.practise();
  try {
    line.sendNow(Buffer.alloc(1));
    const connection = await line.receiveDescriptor();
    // The name in the output of ps(1).
    process.title = 'criu swrk';
    return connection;
  } catch {
    return undefined;
  } finally {
    line.close();
  }
}

export async function swrkCommand(settings: Settings, shell: Shell): Promise<number> {
  const [fd, role, ...rest] = settings.operands;
  if (
    !/^\d{1,9}$/.test(fd ?? '') ||
    rest.length > 0 ||
    (role !== undefined && role !== FOR_SERVICE && role !== SPARE)
  )
    throw new CriuError('BAD_OPTION', 'swrk needs the number of a socket', {}, 'give one: criu swrk FD');
  const connection = role === SPARE ? await awaitConnection(Number(fd), shell) : Number(fd);
  if (connection === undefined) return 0;
  const abort = new Cancellation();
  // Signals stay caught until the process has ended: its exit code is part of the answer (engines look at it), and what is
  // answered already cannot be undone.
  shell.onInterrupt(() => abort.abort());
  const done = await serveConnection(connection, {
    worker: role === undefined,
    ...(role === undefined ? {} : { idleSeconds: IDLE_SECONDS }),
    argv: shell.argv,
    env: shell.env,
    signal: abort.signal,
    ...(role === undefined ? { atExit: (action) => shell.atExit(action) } : {}),
    engine: shell.engine,
    check: (names) => shell.check(names),
    become: (command, logPath) => shell.exec(command, logPath),
  });
  if (done === IDLE) return HANDED_BACK;
  return done ? 0 : 1;
}
