// Which of those who connect to a page server is a dump: whoever says so first, in a record that makes sense. Scanners of
// ports, and clients that say nothing, are let go and hold nobody up.
import { CriuError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { checkRecord, decodeRecord, type PageRecord, RECORD_BYTES } from '../wire/protocol.js';
import { type Listener, PageSocket } from '../wire/socket.js';

/** Connections that may be silent at a time; of more, the one that has been so for longest is let go. */
const MOST_SILENT = 64;
/** A dump may take its time until it has pages to send. */
const SILENT_MS = 600_000;

export interface PageClient {
  readonly socket: PageSocket;
  /** What it has said, a record. */
  readonly first: Buffer;
}

export interface ClientOptions {
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Throws a CriuError for what is not said by one that is waited for; a dump, unless given. */
  readonly check?: (record: PageRecord) => void;
}

/** Waits for a client that means it; all others are gone then. @throws CriuError ABORTED */
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
