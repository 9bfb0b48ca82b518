// `criu page-server`: stores the pages that one dump sends, and exits.

import { ImageSet, MOST_REGION, PAGE, PAGE_SIZE, PageCodec, PagemapFlags } from '@criu/images';
import { SysError, sys, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { EAGAIN, EINTR, F_SETPIPE_SZ, O_CLOEXEC, SPLICE_F_MOVE, SPLICE_F_NONBLOCK } from '@criu/native/uapi';
import type { CancelSignal } from '../../cancel.js';
import { asCriuError, CriuError } from '../../errors.js';
import { type Logger, silentLogger } from '../../log.js';
import type { PageServerOptions } from '../../options.js';
import { dedupParents } from '../dedup.js';
import { StoredPages } from '../lazy/found.js';
import { serveOnDemand } from '../lazy/serve.js';
import {
  checkRecord,
  decodeRecord,
  flagsOf,
  memoryOfRecord,
  PageCommand,
  type PageRecord,
  RECORD_BYTES,
} from '../wire/protocol.js';
import { Listener, PageSocket } from '../wire/socket.js';
import { firstClient } from './clients.js';
import { PageStore } from './store.js';

const PIPE_BYTES = 1 << 20;
/** Most pages in one record of compressed pages: somewhat more than 1 MiB, or one block. */
const MOST_PACKED = BigInt((2 * MOST_REGION) / PAGE_SIZE);
/** Seconds that a dump may be silent after its first record: its tasks are stopped meanwhile. */
const SILENCE_SECONDS = 60;
/** Milliseconds that the dump may take to close the connection. */
const GOODBYE_MS = 10_000;
/** Number of transfers after which the event loop gets a turn. */
const TURN = 32;

export interface ServePagesOptions extends PageServerOptions {
  readonly imagesDir: string;
  /** Parent images of those to be stored, relative to the images directory. */
  readonly prevImagesDir?: string;
  /** Frees pages of the parent images that are sent anew. */
  readonly autoDedup?: boolean;
  /** Socket that is already listening. */
  readonly listener?: Listener;
  /** Called with the port when clients can connect. */
  readonly onListening?: (port: number) => void | Promise<void>;
  /** Sends the pages of the images on request, and stores none. */
  readonly lazyPages?: boolean;
  readonly log?: Logger;
  readonly signal?: CancelSignal;
}

export interface ServePagesResult {
  readonly addressSpaces: number;
  readonly pages: number;
}

/**
 * Serves one dump. Clients that do not behave like a dump are disconnected. If the dump fails, what was stored of it is
 * removed, and what was in the directory before stays.
 * @throws CriuError
 */
export async function servePages(options: ServePagesOptions): Promise<ServePagesResult> {
  const log = options.log ?? silentLogger;
  if (options.lazyPages) return serveImages(options, log);
  const store = new PageStore(options.imagesDir, options.prevImagesDir);
  try {
    const { socket, first } = await connection(options, log);
    const session = new Session(socket, store, options, log);
    try {
      return await session.serve(first);
    } finally {
      session.close();
    }
  } catch (error) {
    throw asCriuError(error, 'the page server failed');
  } finally {
    store.close();
  }
}

async function serveImages(options: ServePagesOptions, log: Logger): Promise<ServePagesResult> {
  const pages = new StoredPages(new ImageSet(options.imagesDir));
  try {
    const sent = await serveOnDemand(pages, { ...options, log });
    return { addressSpaces: pages.addressSpaces, pages: sent };
  } catch (error) {
    throw asCriuError(error, 'the page server failed');
  } finally {
    pages.close();
  }
}

/** The connection, and the first record if it had to be read to recognise the dump. */
async function connection(
  options: ServePagesOptions,
  log: Logger,
): Promise<{ socket: PageSocket; first?: Buffer }> {
  if (options.socket !== undefined) return { socket: PageSocket.adopt(options.socket, false) };
  const listener = options.listener ?? Listener.bind(options);
  try {
    const { port } = listener;
    log.info(`Waiting for a dump at port ${port}`);
    await options.onListening?.(port);
    const { signal } = options;
    const client = await firstClient(listener, { log, signal });
    log.info(`${client.socket.peer} sends pages`);
    return client;
  } finally {
    listener.close();
  }
}

class Session {
  private readonly pipe: { readonly from: number; readonly into: number };
  private target: bigint | undefined;
  private addressSpaces = 0;
  private pages = 0n;
  private moves = 0;

  constructor(
    private readonly socket: PageSocket,
    private readonly store: PageStore,
    private readonly options: ServePagesOptions,
    private readonly log: Logger,
  ) {
    const ends = new Int32Array(2);
    sys('pipe2', ends, O_CLOEXEC);
    const [from = -1, into = -1] = ends;
    this.pipe = { from, into };
    // Without the larger pipe, pages take more steps.
    sysRaw('fcntl', into, F_SETPIPE_SZ, PIPE_BYTES);
  }

  /** @param first a record that was read already */
  async serve(first?: Buffer): Promise<ServePagesResult> {
    for (let bytes = first ?? (await this.next()); !(await this.execute(bytes)); )
      bytes = await this.next(this.silence);
    this.log.info(`Kept ${this.pages} pages of ${this.addressSpaces} address spaces`);
    return { addressSpaces: this.addressSpaces, pages: Number(this.pages) };
  }

  private get silence(): number {
    return (this.options.patience ?? SILENCE_SECONDS) * 1000;
  }

  private async next(milliseconds?: number): Promise<Buffer> {
    const { signal } = this.options;
    const wait = milliseconds === undefined ? { signal } : { signal, milliseconds };
    const bytes = await this.socket.receive(RECORD_BYTES, wait);
    if (!bytes) throw new CriuError('SYSCALL', `${this.socket.peer} ended before all pages were sent`);
    return bytes;
  }

  /** Executes one record. @returns whether it was the last one */
  private async execute(bytes: Buffer): Promise<boolean> {
    const record = decodeRecord(bytes);
    try {
      checkRecord(record);
    } catch (error) {
      const { code, message } = error as CriuError;
      throw new CriuError(code, `${this.socket.peer} sent what is no part of a dump: ${message}`);
    }
    const flags = flagsOf(record);
    if (record.command === PageCommand.PACKED) this.answer(this.agree(record) ? 0 : -1);
    else if (flags !== undefined) await this.add(record, flags);
    else if (record.command === PageCommand.OPEN) this.open(record);
    else if (record.command === PageCommand.OPEN2) this.socket.send(Uint8Array.of(this.open(record) ? 1 : 0));
    else if (record.command === PageCommand.PARENT)
      this.answer(this.store.hasParent(memoryOfRecord(record)) ? 1 : 0);
    else {
      await this.finish();
      return true;
    }
    return false;
  }

  private open(record: PageRecord): boolean {
    const which = memoryOfRecord(record);
    this.log.debug(`Opening ${'pid' in which ? `memory of ${which.pid}` : `shared memory ${which.shmid}`}`);
    this.target = record.target;
    this.addressSpaces += 1;
    return this.store.open(which);
  }

  /**
   * Whether the server accepts compressed pages as described. All pages come in that form, so this must be the first
   * record.
   */
  private agree({ flags: codec, pages }: PageRecord): boolean {
    const known = (Object.values(PageCodec) as number[]).includes(codec);
    if (this.target !== undefined || !known || pages < 1n || pages > BigInt(MOST_REGION / PAGE_SIZE))
      return false;
    this.store.packing = { codec, pages: Number(pages) };
    this.log.info(`Pages come packed, by ${pages}`);
    return true;
  }

  private async add(record: PageRecord, flags: number): Promise<void> {
    // Dumps of CRIU before 1.3 do not send OPEN.
    if (record.target !== this.target) this.open(record);
    const packed = record.command === PageCommand.ADD_PACKED && (flags & PagemapFlags.PRESENT) !== 0;
    const sizes = packed ? await this.sizes(record) : undefined;
    const out = this.store.add(record.address, record.pages, flags, sizes);
    if (out === undefined) return;
    this.pages += record.pages;
    const bytes = sizes ? BigInt(sizes.reduce((sum, size) => sum + size, 0)) : record.pages * PAGE;
    for (let left = bytes; left > 0n; )
      left -= BigInt(await this.move(out, left < BigInt(PIPE_BYTES) ? Number(left) : PIPE_BYTES));
  }

  /** Receives the sizes of compressed blocks, which precede the blocks. */
  private async sizes({ pages, address }: PageRecord): Promise<number[]> {
    const { packing } = this.store;
    const bad = (why: string) =>
      new CriuError('BAD_IMAGE', `${this.socket.peer} sent what is no part of a dump: ${why}`);
    const what = `${pages} packed pages at 0x${address.toString(16)}`;
    if (!packing) throw bad(`${what}, without saying how`);
    if (pages === 0n || pages > MOST_PACKED) throw bad(`${what} at once`);
    const { pages: each } = packing;
    const count = Math.ceil(Number(pages) / each);
    const { signal } = this.options;
    const bytes = await this.socket.receive(count * 4, { signal, milliseconds: this.silence });
    if (!bytes) throw this.socket.lost();
    return Array.from({ length: count }, (_, i) => {
      const size = bytes.readUInt32LE(i * 4);
      const most = Math.min(each, Number(pages) - i * each) * PAGE_SIZE;
      if (size > most) throw bad(`${what}, of which a block has ${size} bytes`);
      return size;
    });
  }

  /** Moves some bytes from the socket to a file. @returns number of bytes moved */
  private async move(out: number, bytes: number): Promise<number> {
    if (++this.moves % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (this.options.signal?.aborted) throw new CriuError('ABORTED', 'the page server was called off');
    const came = sysRaw(
      'splice',
      this.socket.fd,
      null,
      this.pipe.into,
      null,
      bytes,
      SPLICE_F_MOVE | SPLICE_F_NONBLOCK,
    );
    if (came === -EAGAIN || came === -EINTR) {
      await this.socket.readable({ signal: this.options.signal, milliseconds: this.silence });
      return 0;
    }
    if (came <= 0) throw this.socket.lost(came < 0 ? new SysError('splice', -came) : undefined);
    for (let left = came; left > 0; ) {
      const n = sysRaw('splice', this.pipe.from, null, out, null, left, SPLICE_F_MOVE);
      if (n === -EINTR) continue;
      if (n <= 0)
        throw asCriuError(new SysError('splice', -n), 'cannot write pages', { file: this.options.imagesDir });
      left -= n;
    }
    return came;
  }

  private answer(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    this.socket.send(bytes);
  }

  /** Everything is stored before the dump gets its reply. */
  private async finish(): Promise<void> {
    this.store.commit();
    if (this.options.autoDedup) this.tidy();
    this.answer(0);
    if (this.options.socket !== undefined) return;
    // The side that closes first keeps the port in TIME_WAIT; that should be the dump.
    try {
      await this.socket.receive(1, { milliseconds: GOODBYE_MS, signal: this.options.signal });
    } catch (error) {
      this.log.debug(`${this.socket.peer} does not hang up: ${(error as Error).message}`);
    }
  }

  private tidy(): void {
    try {
      this.log.info(`Freed ${dedupParents(this.options.imagesDir)} bytes of earlier images`);
    } catch (error) {
      this.log.warn(`cannot free the pages of earlier images: ${asCriuError(error, 'dedup').explain()}`);
    }
  }

  close(): void {
    closeSync(this.pipe.from);
    closeSync(this.pipe.into);
    this.socket.close();
  }
}
