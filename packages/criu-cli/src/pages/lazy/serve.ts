// A page server that gives pages when it is asked for them: of tasks that stand still, or of images.

import { PAGE, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { asCriuError, CriuError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { PageServerOptions } from '../../options.js';
import { firstClient } from '../server/clients.js';
import { decodeRecord, encodeRecord, PageCommand, type PageRecord, RECORD_BYTES } from '../wire/protocol.js';
import { Listener, PageSocket } from '../wire/socket.js';

/** How long the other side may take to close the connection. */
const GOODBYE_MS = 10_000;

/** Pages that lie one behind the other, where they can be read. */
export interface FoundPages {
  /** The task that has them; 0 if a file has. */
  readonly pid: number;
  /** Descriptor of the file. */
  readonly fd: number;
  /** Address in the task, or offset in the file. */
  readonly at: bigint;
  readonly bytes: bigint;
}

export interface OnDemandPages {
  /** Pages from an address on, at least one and at most so many bytes; undefined where there are none. @throws CriuError */
  find(pid: bigint, address: bigint, bytes: bigint): FoundPages | undefined;
}

export interface ServeOnDemand extends PageServerOptions {
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** It can be connected to, at this port. */
  readonly onListening?: (port: number) => void | Promise<void>;
  /** A socket that listens already. */
  readonly listener?: Listener;
}

/** Serves one client until it has all that it wants. @throws CriuError; then it has not */
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
    const found = await firstClient(listener, { log, signal, check: checkWish });
    found.socket.block();
    log.info(`${found.socket.peer} fetches memory`);
    return found;
  } finally {
    listener.close();
  }
}

/** @throws CriuError for a record that nobody sends who fetches memory */
function checkWish({ command, pages, address, target }: PageRecord): void {
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
    const wish = decodeRecord(bytes);
    checkWish(wish);
    if (wish.command !== PageCommand.GET) break;
    sent += await give(pages, socket, wish);
  }
  socket.send(Buffer.alloc(4));
  // Whoever closes first keeps the port busy for a while; that is for the other side.
  if (inherited === undefined)
    await socket.receive(1, { milliseconds: GOODBYE_MS, signal }).catch(() => undefined);
  return Number(sent);
}

/** @returns pages that were sent */
async function give(pages: OnDemandPages, socket: PageSocket, wish: PageRecord): Promise<bigint> {
  const found = pages.find(wish.target, wish.address, wish.pages * PAGE);
  if (!found)
    throw new CriuError(
      'BAD_IMAGE',
      `${socket.peer} wants page 0x${wish.address.toString(16)}, which is not there`,
      {
        pid: Number(wish.target),
      },
    );
  const record = encodeRecord({
    ...wish,
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
      pid: Number(wish.target),
    });
  return found.bytes / PAGE;
}
