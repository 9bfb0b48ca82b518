// Sends pages to a page server: native code moves them from tasks into the socket.

import { availableParallelism } from 'node:os';
import { PAGE, PAGE_SIZE } from '@criu/images';
import { addon, type PumpResult, SysError } from '@criu/native';
import type { CancelSignal } from '../../cancel.js';
import { CriuError } from '../../errors.js';
import type { PageServerOptions } from '../../options.js';
import type { Packing } from '../packing.js';
import { type PageJob, type PageRuns, pageError, sourceRanges } from '../runs.js';
import { encodeRecord, PageCommand, RECORD_BYTES, targetOf, writeRecord } from '../wire/protocol.js';
import { PATIENCE, PageSocket } from '../wire/socket.js';
import type { PageSink } from './sink.js';

const PRESENT = 4;
const PACK_THREADS = 4;

export interface ServerOptions {
  readonly packing?: Packing | undefined;
  readonly signal?: CancelSignal | undefined;
}

export class ServerPages implements PageSink {
  private constructor(
    private readonly socket: PageSocket,
    private readonly inherited: boolean,
    private readonly packing: Packing | undefined,
    private readonly patience = PATIENCE,
  ) {}

  /** @throws CriuError UNSUPPORTED if pages are to be compressed and the server does not support that */
  static async connect(
    options: PageServerOptions,
    { packing, signal }: ServerOptions = {},
  ): Promise<ServerPages> {
    const { socket: inherited, patience } = options;
    const socket =
      inherited === undefined
        ? await PageSocket.connect(options, signal)
        : PageSocket.adopt(inherited, true, patience);
    const pages = new ServerPages(socket, inherited !== undefined, packing, patience);
    try {
      if (packing) await pages.agree(packing);
    } catch (error) {
      pages.close();
      throw error;
    }
    return pages;
  }

  private async agree({ codec, region }: Packing): Promise<void> {
    let said: number | undefined;
    try {
      const pages = BigInt(region / PAGE_SIZE);
      this.socket.send(encodeRecord({ command: PageCommand.PACKED, flags: codec, pages }));
      said = (await this.answer(4)).readInt32LE();
    } catch (error) {
      throw this.refusal(error);
    }
    if (said !== 0) throw this.refusal(undefined);
  }

  private refusal(cause: unknown): CriuError {
    return new CriuError(
      'UNSUPPORTED',
      `the page server ${this.peer} takes no packed pages`,
      {},
      'leave out --compress and --compress-region: CRIU and earlier versions know only pages as they are',
      cause,
    );
  }

  get peer(): string {
    return this.socket.peer;
  }

  place(job: PageJob, runs: PageRuns): () => Promise<PageRuns> {
    return async () => {
      const target = targetOf(job.which);
      this.socket.send(encodeRecord({ command: PageCommand.OPEN2, target }));
      // Pages for which the server has no parent are sent whether they have changed or not.
      const kept = (await this.answer(1))[0] ? runs : job.runs;
      const command = this.packing ? PageCommand.ADD_PACKED : PageCommand.ADD_FLAGS;
      const records = Buffer.alloc(kept.pages.length * RECORD_BYTES);
      const ranges = new BigUint64Array(kept.pages.length * 2);
      kept.pages.forEach(({ start, end, flags }, i) => {
        writeRecord(
          { command, flags, pages: (end - start) / PAGE, address: start, target },
          records,
          i * RECORD_BYTES,
        );
        ranges[i * 2] = start;
        ranges[i * 2 + 1] = flags & PRESENT ? end - start : 0n;
      });
      const { errno, address } = await this.send(job, records, sourceRanges(job, ranges));
      if (errno) throw this.failure(job, errno, address);
      return kept;
    };
  }

  private send({ pid, fd, running }: PageJob, records: Buffer, ranges: BigUint64Array): Promise<PumpResult> {
    const { packing, socket } = this;
    if (!packing) return addon().sendPages(socket.fd, pid, fd, records, RECORD_BYTES, ranges, running);
    const { region, codec, acceleration } = packing;
    const threads = Math.min(availableParallelism(), PACK_THREADS);
    const how = [region, codec, acceleration, threads, running] as const;
    return addon().packToSocket(pid, fd, ranges, socket.fd, ...how, records);
  }

  /** EFAULT, ESRCH and EPERM come from the memory of the task; all other errnos from the connection. */
  private failure(job: PageJob, errno: number, address: bigint): CriuError {
    const cause = new SysError('sending pages', errno);
    const memory = errno === 14 /* EFAULT */ || errno === 3 /* ESRCH */ || errno === 1; /* EPERM */
    if (!memory) return this.socket.lost(cause);
    return pageError(job, `cannot read memory at 0x${address.toString(16)}`, cause);
  }

  private async answer(bytes: number): Promise<Buffer> {
    const answer = await this.socket.receive(bytes, { milliseconds: this.patience * 1000 });
    if (!answer) throw this.socket.lost();
    return answer;
  }

  async finish(): Promise<void> {
    this.socket.send(encodeRecord({ command: this.inherited ? PageCommand.FORCE_CLOSE : PageCommand.CLOSE }));
    const status = (await this.answer(4)).readInt32LE();
    if (status !== 0)
      throw new CriuError('SYSCALL', `the page server ${this.peer} failed with ${status}`, {}, 'see its log');
  }

  /** Shuts the connection down, which wakes threads that read or write. */
  callOff(): void {
    this.socket.shutDown();
  }

  close(): void {
    this.socket.close();
  }
}
