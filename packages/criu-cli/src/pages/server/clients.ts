// Finds the dump among the clients of a page server: the first client that sends a valid record. Port scanners and
// clients that send nothing are disconnected and delay nobody.
import type { CancelSignal } from '../../cancel.js';
import { CriuError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { checkRecord, decodeRecord, type PageRecord, RECORD_BYTES } from '../wire/protocol.js';
import { type Listener, PageSocket } from '../wire/socket.js';

/** Most connections that may be silent at a time; beyond that, the oldest silent one is closed. */
const MOST_SILENT = 64;
/** Milliseconds of silence allowed until a dump has pages to send. */
const SILENT_MS = 600_000;

export interface PageClient {
  readonly socket: PageSocket;
  /** The first record that the client has sent. */
  readonly first: Buffer;
}

export interface ClientOptions {
  readonly log: Logger;
  readonly signal?: CancelSignal | undefined;
  /** Throws a CriuError if a record is not one of the expected client. Default: a client that dumps. */
  readonly check?: (record: PageRecord) => void;
}

/** Waits for the first valid client; all others are disconnected. @throws CriuError ABORTED */
export async function firstClient(
  listener: Listener,
  { log, signal, check = checkRecord }: ClientOptions,
): Promise<PageClient> {
  const over = new AbortController();
  const stop = () => over.abort();
  signal?.addEventListener('abort', stop, { once: true });
  const silent = new Map<PageSocket, AbortController>();
  let found: PageClient | undefined;

  const hear = async (socket: PageSocket): Promise<void> => {
    const own = new AbortController();
    silent.set(socket, own);
    const wait = { signal: AbortSignal.any([own.signal, over.signal]), milliseconds: SILENT_MS };
    try {
      const first = await socket.receive(RECORD_BYTES, wait);
      if (!first) log.info(`${socket.peer} has said nothing: waiting for another`);
      else {
        check(decodeRecord(first));
        found ??= { socket, first };
      }
    } catch (error) {
      if (!over.signal.aborted)
        log.warn(`${socket.peer} sends no pages (${(error as Error).message}): waiting for another`);
    } finally {
      silent.delete(socket);
      if (found?.socket === socket) stop();
      else socket.close();
    }
  };

  const talks = new Set<Promise<void>>();
  try {
    while (!found) {
      const socket = await PageSocket.accept(listener, over.signal);
      log.info(`Accepted connection from ${socket.peer}`);
      const talk = hear(socket).finally(() => talks.delete(talk));
      talks.add(talk);
      const [longest] = silent.values();
      if (silent.size > MOST_SILENT) longest?.abort();
    }
  } catch (error) {
    if (!found) throw error;
  } finally {
    stop();
    await Promise.all(talks);
    signal?.removeEventListener('abort', stop);
  }
  if (!found) throw new CriuError('ABORTED', 'nobody has sent pages');
  return found;
}
