// `criu page-server`: keeps the pages that one dump sends, and ends.
import { ImageSet, MOST_REGION, PAGE, PAGE_SIZE, PageCodec, PagemapFlags } from '@criu/images';
import { SysError, sys, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { EAGAIN, EINTR, F_SETPIPE_SZ, O_CLOEXEC, SPLICE_F_MOVE, SPLICE_F_NONBLOCK } from '@criu/native/uapi';
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
/** Packed pages that come at once are some more than 1 MiB, or one block. */
const MOST_PACKED = BigInt((2 * MOST_REGION) / PAGE_SIZE);
/** How long a dump that has begun may be silent: tasks stand still meanwhile. */
const SILENCE_SECONDS = 60;
/** How long the dump may take to close the connection. */
const GOODBYE_MS = 10_000;
/** Moves of data until others have their turn. */
const TURN = 32;

export interface ServePagesOptions extends PageServerOptions {
  readonly imagesDir: string;
  /** Images that those to come build on, relative to the images directory. */
  readonly prevImagesDir?: string;
  /** Pages of earlier images that are sent anew are freed. */
  readonly autoDedup?: boolean;
  /** A socket that listens already. */
  readonly listener?: Listener;
  /** It can be connected to, at this port. */
  readonly onListening?: (port: number) => void | Promise<void>;
  /** Gives the pages of the images when it is asked for them, and takes none. */
  readonly lazyPages?: boolean;
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

export interface ServePagesResult {
  readonly addressSpaces: number;
  readonly pages: number;
}

/**
 * Serves one dump; who connects and does not speak as one is let go. What was kept of a dump that failed is removed, and
 * what was in the directory before stays. @throws CriuError
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

/** A connection, and the first record that came if that had to be looked at. */
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
    // Without it, pages take more steps.
    sysRaw('fcntl', into, F_SETPIPE_SZ, PIPE_BYTES);
  }

  /** `first`: a record that came already. */
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

  /** @returns whether that was all */
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

  /** Whether pages can come as that says: all of them, so that it has to be said before the first. */
  private agree({ flags: codec, pages }: PageRecord): boolean {
    const known = (Object.values(PageCodec) as number[]).includes(codec);
    if (this.target !== undefined || !known || pages < 1n || pages > BigInt(MOST_REGION / PAGE_SIZE))
      return false;
    this.store.packing = { codec, pages: Number(pages) };
    this.log.info(`Pages come packed, by ${pages}`);
    return true;
  }

  private async add(record: PageRecord, flags: number): Promise<void> {
    // Dumps of CRIU before 1.3 did not open what they sent.
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

  /** The sizes of packed blocks, which come before them. */
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

  /** Moves some bytes from the socket to a file. */
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

  /** All is kept before the dump is told so. */
  private async finish(): Promise<void> {
    this.store.commit();
    if (this.options.autoDedup) this.tidy();
    this.answer(0);
    if (this.options.socket !== undefined) return;
    // Whoever closes first keeps the port busy for a while; that is for the dump.
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
