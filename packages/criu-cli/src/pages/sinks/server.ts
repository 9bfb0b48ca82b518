// Pages on their way to a page server: from tasks into the socket, natively.
import { PAGE } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { CriuError } from '../../errors.js';
import type { PageServerOptions } from '../../options.js';
import { type PageJob, type PageRuns, sourceRanges } from '../runs.js';
import { encodeRecord, PageCommand, RECORD_BYTES, targetOf, writeRecord } from '../wire/protocol.js';
import { PATIENCE, PageSocket } from '../wire/socket.js';
import type { PageSink } from './sink.js';

const PRESENT = 4;

export class ServerPages implements PageSink {
  private constructor(
    private readonly socket: PageSocket,
    private readonly inherited: boolean,
    private readonly patience = PATIENCE,
  ) {}

  /** @throws CriuError */
  static async connect(options: PageServerOptions, signal?: AbortSignal): Promise<ServerPages> {
    const { socket, patience } = options;
    if (socket !== undefined)
      return new ServerPages(PageSocket.adopt(socket, true, patience), true, patience);
    return new ServerPages(await PageSocket.connect(options, signal), false, patience);
  }

  get peer(): string {
    return this.socket.peer;
  }

  place(job: PageJob, runs: PageRuns): () => Promise<PageRuns> {
    return async () => {
      const target = targetOf(job.which);
      this.socket.send(encodeRecord({ command: PageCommand.OPEN2, target }));
      // What the server has no parent for is sent, changed or not.
      const kept = (await this.answer(1))[0] ? runs : job.runs;
      const records = Buffer.alloc(kept.pages.length * RECORD_BYTES);
      const ranges = new BigUint64Array(kept.pages.length * 2);
      kept.pages.forEach(({ start, end, flags }, i) => {
        writeRecord(
          { command: PageCommand.ADD_FLAGS, flags, pages: (end - start) / PAGE, address: start, target },
          records,
          i * RECORD_BYTES,
        );
        ranges[i * 2] = start;
        ranges[i * 2 + 1] = flags & PRESENT ? end - start : 0n;
      });
      const { errno, address } = await addon().sendPages(
        this.socket.fd,
        job.pid,
        job.fd,
        records,
        RECORD_BYTES,
        sourceRanges(job, ranges),
        job.running,
      );
      if (errno) throw this.failure(job, errno, address);
      return kept;
    };
  }

  /** An errno of a task's memory means the task; all others mean the connection. */
  private failure(job: PageJob, errno: number, address: bigint): CriuError {
    const cause = new SysError('sending pages', errno);
    const memory = errno === 14 /* EFAULT */ || errno === 3 /* ESRCH */ || errno === 1; /* EPERM */
    if (!memory) return this.socket.lost(cause);
    return new CriuError(
      'SYSCALL',
      `cannot read memory at 0x${address.toString(16)}`,
      { pid: job.pid },
      undefined,
      cause,
    );
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

  /** Whoever reads or writes hears that the connection is gone. */
  callOff(): void {
    this.socket.shutDown();
  }

  close(): void {
    this.socket.close();
  }
}
