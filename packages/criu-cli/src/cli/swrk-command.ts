// `criu swrk FD`: serves the requests of the process that has started it, or one connection of a service.
import { CriuError } from '../errors.js';
import { IDLE, serveConnection } from '../rpc/serve.js';
import { PacketSocket } from '../rpc/socket.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

/** Second operand of a worker that a service has started. */
export const FOR_SERVICE = 'service';
/** Exit code of such a worker whose client is still connected and has nothing to ask. */
export const HANDED_BACK = 75;
const IDLE_SECONDS = 5;

/** One that is started before there is a request: the socket brings the connection. */
export const SPARE = 'spare';

/** Waits for the connection of the first request; undefined when the service has ended. */
async function awaitConnection(fd: number, shell: Shell): Promise<number | undefined> {
  const line = new PacketSocket(fd);
  await shell.engine.practise();
  try {
    line.sendNow(Buffer.alloc(1));
    const connection = await line.receiveDescriptor();
    // What ps(1) shows.
    process.title = 'criu swrk';
    return connection;
  } catch {
    return undefined;
  } finally {
    line.close();
  }
}

export async function swrkCommand(settings: Settings, shell: Shell): Promise<number> {
  const [fd, whose, ...rest] = settings.operands;
  if (
    !/^\d{1,9}$/.test(fd ?? '') ||
    rest.length > 0 ||
    (whose !== undefined && whose !== FOR_SERVICE && whose !== SPARE)
  )
    throw new CriuError('BAD_OPTION', 'swrk needs the number of a socket', {}, 'give one: criu swrk FD');
  const connection = whose === SPARE ? await awaitConnection(Number(fd), shell) : Number(fd);
  if (connection === undefined) return 0;
  const abort = new AbortController();
  const release = shell.onInterrupt(() => abort.abort());
  try {
    const done = await serveConnection(connection, {
      worker: whose === undefined,
      ...(whose === undefined ? {} : { idleSeconds: IDLE_SECONDS }),
      argv: shell.argv,
      env: shell.env,
      signal: abort.signal,
      engine: shell.engine,
      check: (names) => shell.check(names),
      become: (command, logPath) => shell.exec(command, logPath),
    });
    if (done === IDLE) return HANDED_BACK;
    return done ? 0 : 1;
  } finally {
    release();
  }
}
