// A user's parasite in an infected task: commands, log and shared page.
import { type BlobCommand, type BlobHeader, readBlob } from './blob.js';
import { Program } from './program.js';
import type { ProgramResult } from './program-result.js';
import type { RunOptions, Session } from './session.js';

export interface CallOptions extends RunOptions {
  /** Descriptors of ours for the command, which must close them or keep them. */
  readonly fds?: readonly number[];
  /** Called with log lines as they arrive, even while the command runs. */
  readonly onLog?: (line: string) => void;
}

export interface CallResult {
  /** Return value of the command. */
  readonly value: bigint;
  /** The argument as the command has left it. */
  readonly arg: Buffer;
  /** Log lines since the last call. */
  readonly log: readonly string[];
  /** Descriptors that the command has sent; the caller closes them. */
  readonly fds: readonly number[];
}

/** The parasite does not have the command, or the argument has the wrong size. */
export class ParasiteError extends Error {
  readonly code = 'PARASITE';
}

const LOG_SIZE = 16384;
const PAGE_SIZE = 4096;
const LOG_POLL_MS = 10;

export class Parasite<Command extends string = string> {
  private logSeen = 0n;
  private logRest = '';
  private running = 0;

  private constructor(
    private readonly session: Session,
    private readonly header: BlobHeader,
    /** Address of the parasite in the task. */
    readonly base: bigint,
  ) {}

  /** Loads a parasite into the task. The cure removes it. @throws BlobError, VictimError */
  static async load<Command extends string = string>(
    session: Session,
    bytes: Uint8Array,
  ): Promise<Parasite<Command>> {
    const { header, image } = readBlob(bytes);
    await session.keepXsave();
    const base = await session.mapCode(header.memorySize, header.text[0], header.text[1]);
    const placed = Buffer.from(image);
    for (const [at, offset] of header.relative) placed.writeBigUInt64LE(base + BigInt(offset), at);
    session.task.writeMemory(base, placed);
    return new Parasite<Command>(session, header, base);
  }

  get commands(): readonly BlobCommand[] {
    return this.header.commands;
  }

  /**
   * Calls a command. If the result is not awaited, it runs in parallel to other work, on other tasks, other threads or
   * the shared page. Calls in one thread run one after the other.
   * @throws ParasiteError, VictimError
   */
  async call(command: Command, arg?: Uint8Array, options: CallOptions = {}): Promise<CallResult> {
    const found = this.header.commands.find((c) => c.name === command);
    if (!found)
      throw new ParasiteError(
        `${this.header.name} has no command ${command}, but ${this.header.commands.map((c) => c.name).join(', ')}`,
      );
    const bytes = arg ?? Buffer.alloc(found.argSize);
    if (bytes.byteLength < found.argSize)
      throw new ParasiteError(
        `${command} takes an argument of ${found.argSize} bytes, not ${bytes.byteLength}`,
      );
    await this.session.keepXsave(options.tid);
    const p = new Program(`${this.header.name}: ${command}`);
    const area = p.out(bytes.byteLength);
    if (bytes.byteLength > 0) p.copy(area, p.data(bytes), bytes.byteLength);
    const fds = options.fds ?? [];
    const numbers = p.data(4 * Math.max(1, fds.length));
    for (const [i, fd] of fds.entries()) p.poke(p.at(numbers, 4 * i), p.fd(fd), 4);
    const step = p.call(this.base + BigInt(this.header.symbols.compel_enter), [
      this.base + BigInt(found.offset),
      area,
      bytes.byteLength,
      numbers,
      fds.length,
    ]);
    const lines: string[] = [];
    const take = () => {
      for (const line of this.readLog()) {
        lines.push(line);
        options.onLog?.(line);
      }
    };
    let r: ProgramResult;
    this.running++;
    const poll = options.onLog && setInterval(() => this.session.active && take(), LOG_POLL_MS);
    try {
      r = await this.session.run(p, options);
    } finally {
      this.running--;
      clearInterval(poll);
      if (this.session.active) take();
    }
    return {
      value: r.big(step),
      arg: Buffer.from(r.bytes(area)),
      log: lines,
      fds: this.running === 0 ? this.takeFds() : [],
    };
  }

  /** Reads a part of the shared page. */
  readPage(offset = 0, length = PAGE_SIZE - offset): Buffer {
    return this.session.task.readMemory(this.pageAt(offset, length), length);
  }

  writePage(offset: number, bytes: Uint8Array): void {
    this.session.task.writeMemory(this.pageAt(offset, bytes.byteLength), bytes);
  }

  private pageAt(offset: number, length: number): bigint {
    if (offset < 0 || length < 0 || offset + length > PAGE_SIZE)
      throw new RangeError(`${offset} + ${length} is not in the shared page of ${PAGE_SIZE} bytes`);
    return this.base + BigInt(this.header.symbols.compel_page + offset);
  }

  /** The complete lines logged since the last call; lines that the ring buffer has overwritten are missing. */
  private readLog(): string[] {
    const ring = this.base + BigInt(this.header.symbols.compel_log_ring);
    const head = this.session.task.readMemory(ring, 8).readBigUInt64LE();
    const fresh = Number(head - this.logSeen);
    if (fresh === 0) return [];
    const bytes = this.session.task.readMemory(ring + 8n, LOG_SIZE);
    const count = Math.min(fresh, LOG_SIZE);
    const start = Number((head - BigInt(count)) % BigInt(LOG_SIZE));
    const text = Buffer.concat([bytes.subarray(start), bytes.subarray(0, start)]).toString('utf8', 0, count);
    this.logSeen = head;
    const lines = (this.logRest + text).split('\n');
    this.logRest = lines.pop() ?? '';
    return lines;
  }

  private takeFds(): number[] {
    const at = this.base + BigInt(this.header.symbols.compel_out_fds);
    const count = this.session.task.readMemory(at, 4).readUInt32LE();
    if (count === 0) return [];
    const numbers = this.session.task.readMemory(at + 4n, count * 4);
    this.session.task.writeMemory(at, Buffer.alloc(4));
    return Array.from({ length: count }, (_, i) => this.session.getFd(numbers.readInt32LE(i * 4)));
  }
}
