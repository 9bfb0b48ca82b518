// A page server that sends pages on request: pages of stopped tasks, or of images.

import { PAGE, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import type { CancelSignal } from '../../cancel.js';
import { asCriuError, CriuError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { PageServerOptions } from '../../options.js';
import { firstClient } from '../server/clients.js';
import { decodeRecord, encodeRecord, PageCommand, type PageRecord, RECORD_BYTES } from '../wire/protocol.js';
import { Listener, PageSocket } from '../wire/socket.js';

/** Milliseconds that the client may take to close the connection. */
const GOODBYE_MS = 10_000;

/** Consecutive pages, and where they can be read. */
export interface FoundPages {
  /** Pid of the task that has the pages; 0 if a file has them. */
  readonly pid: number;
  /** Descriptor of the file, if a file has them. */
  readonly fd: number;
  /** Address in the task, or offset in the file. */
  readonly at: bigint;
  readonly bytes: bigint;
}

export interface OnDemandPages {
  /**
   * Finds the pages from an address on: at least one page, at most `bytes` bytes; undefined if there are none.
   * @throws CriuError
   */
  find(pid: bigint, address: bigint, bytes: bigint): FoundPages | undefined;
}

export interface ServeOnDemand extends PageServerOptions {
  readonly log: Logger;
  readonly signal?: CancelSignal;
  /** Called with the port when clients can connect. */
  readonly onListening?: (port: number) => void | Promise<void>;
  /** Socket that is already listening. */
  readonly listener?: Listener;
}

/**
 * Serves one client until it has all the pages it wants.
 * @returns number of pages sent
 * @throws CriuError if the client has not got all
 */
export async function serveOnDemand(pages: OnDemandPages, options: ServeOnDemand): Promise<number> {
  const { socket, first } = await client(options);
  try {
    return await answerAll(pages, socket, first, options);
  } finally {
    socket.close();
  }
}

async function client(options: ServeOnDemand): Promise<{ socket: PageSocket; first?: Buffer }> {
  const { log, signal } = options;
  if (options.socket !== undefined)
    return { socket: PageSocket.adopt(options.socket, true, options.patience) };
  const listener = options.listener ?? Listener.bind(options);
  try {
    log.info(`Waiting at port ${listener.port} for who fetches memory`);
    await options.onListening?.(listener.port);
    const found = await firstClient(listener, { log, signal, check: checkRequest });
    found.socket.block();
    log.info(`${found.socket.peer} fetches memory`);
    return found;
  } finally {
    listener.close();
  }
}

/** @throws CriuError BAD_IMAGE for a record that a client which fetches memory never sends */
function checkRequest({ command, pages, address, target }: PageRecord): void {
  if (command === PageCommand.CLOSE || command === PageCommand.FORCE_CLOSE) return;
  if (command !== PageCommand.GET)
    throw new CriuError('BAD_IMAGE', `command ${command} is no wish for pages`);
  if (pages === 0n || pages > 1n << 32n || address % PAGE !== 0n || target === 0n || target > 0x7fffffffn)
    throw new CriuError('BAD_IMAGE', `${pages} pages at 0x${address.toString(16)} of ${target} cannot be`);
}

async function answerAll(
  pages: OnDemandPages,
  socket: PageSocket,
  first: Buffer | undefined,
  { signal, socket: inherited }: ServeOnDemand,
): Promise<number> {
  let sent = 0n;
  for (let bytes = first; ; bytes = undefined) {
    bytes ??= await socket.receive(RECORD_BYTES, { signal });
    if (!bytes) throw new CriuError('SYSCALL', `${socket.peer} went away before it had all memory`);
    const request = decodeRecord(bytes);
    checkRequest(request);
    if (request.command !== PageCommand.GET) break;
    sent += await give(pages, socket, request);
  }
  socket.send(Buffer.alloc(4));
  // The side that closes first keeps the port in TIME_WAIT; that should be the client.
  if (inherited === undefined)
    await socket.receive(1, { milliseconds: GOODBYE_MS, signal }).catch(() => undefined);
  return Number(sent);
}

/** Answers one request. @returns number of pages sent */
async function give(pages: OnDemandPages, socket: PageSocket, request: PageRecord): Promise<bigint> {
  const found = pages.find(request.target, request.address, request.pages * PAGE);
  if (!found)
    throw new CriuError(
      'BAD_IMAGE',
      `${socket.peer} wants page 0x${request.address.toString(16)}, which is not there`,
      {
        pid: Number(request.target),
      },
    );
  const record = encodeRecord({
    ...request,
    command: PageCommand.ADD_FLAGS,
    flags: PagemapFlags.PRESENT,
    pages: found.bytes / PAGE,
  });
  const ranges = BigUint64Array.of(found.at, found.bytes);
  const { errno } = await addon().sendPages(
    socket.fd,
    found.pid,
    found.fd,
    record,
    RECORD_BYTES,
    ranges,
    false,
  );
  if (errno)
    throw asCriuError(new SysError('sending pages', errno), `cannot give memory to ${socket.peer}`, {
      pid: Number(request.target),
    });
  return found.bytes / PAGE;
}
