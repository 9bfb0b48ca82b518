// Controls the pager, the native process that brings memory to running tasks (native/pager).
import { constants } from 'node:os';
import { abi, addon, close, pagerPath, SysError, socketpair, sys, sysRaw, waitForEvents } from '@criu/native';
import { EAGAIN, EINTR, EPOLLIN, MSG_DONTWAIT, MSG_WAITALL } from '@criu/native/uapi';
import { CriuError } from '../../errors.js';
import type { Range } from '../ranges.js';

const CONTROL = 3;

/** A run of pages that is still missing, and where its contents are. */
export interface MissingRange extends Range {
  /** Number of the source, as returned by `addFile` or `addServer`. */
  readonly source: number;
  /** Offset in the file, or address in the server's terms. */
  readonly offset: number | bigint;
}

export interface PagerMemory {
  /** The pid as images have it. */
  readonly pid: number;
  /** Descriptor of the task's userfaultfd; UFFDIO_API is done and the ranges are registered. */
  readonly uffd: number;
  /** Pidfd of the task, which is killed if its memory cannot be read; -1 if unknown. */
  readonly pidfd: number;
  readonly missing: readonly MissingRange[];
}

export class Pager {
  private sources = 0;
  private answer: Promise<number> | undefined;
  private received = Buffer.alloc(0);
  private open = true;

  private constructor(
    readonly pid: number,
    private readonly control: number,
  ) {}

  /**
   * Starts a pager.
   * @param log descriptor of a file to which its messages are appended
   * @param tracker the process only has to keep userfaultfds open
   * @throws SysError
   */
  static start(log?: number, tracker = false): Pager {
    const [ours, theirs] = socketpair();
    const pid = addon().spawnAgent(
      pagerPath(),
      theirs,
      CONTROL,
      tracker ? 1 : 0,
      0,
      [],
      true,
      constants.signals.SIGCHLD,
    );
    close(theirs);
    if (pid < 0) {
      close(ours);
      throw new SysError('clone3', -pid, 'the pager');
    }
    const pager = new Pager(startedBy(pid, ours), ours);
    if (log !== undefined) pager.send(abi.PAGER_LOG, {}, [log]);
    return pager;
  }

  /** Adds a file that has pages. @returns number of the source @throws CriuError */
  addFile(fd: number): number {
    this.send(abi.PAGER_FILE, { arg: BigInt(this.sources) }, [fd]);
    return this.sources++;
  }

  /** Adds a connection to a page server that sends pages on request. @returns number of the source @throws CriuError */
  addServer(fd: number): number {
    this.send(abi.PAGER_SERVER, { arg: BigInt(this.sources) }, [fd]);
    return this.sources++;
  }

  /**
   * From this call on, page faults of the address space are served. The caller keeps its descriptors.
   * @throws CriuError
   */
  addMemory({ pid, uffd, pidfd, missing }: PagerMemory): void {
    const words = new BigUint64Array(missing.length * 4);
    missing.forEach(({ start, end, source, offset }, i) => {
      words.set([start, end, BigInt(source), BigInt(offset)], i * 4);
    });
    const payload = Buffer.from(words.buffer);
    const fds = pidfd < 0 ? [uffd] : [uffd, pidfd];
    this.send(abi.PAGER_MEMORY, { arg: BigInt(pid), count: missing.length, payload }, fds);
  }

  /**
   * Tells the pager that the tasks are about to run, so that it may also bring pages that were not asked for. Resolves
   * when the pager has confirmed.
   * @throws CriuError
   */
  async go(): Promise<void> {
    this.send(abi.PAGER_GO);
    const answer = await this.nextReply();
    if (answer?.type !== abi.PAGER_GOING) throw this.failure(answer?.text);
  }

  /** Sets the name of a tracker: twelve characters. @throws CriuError */
  name(token: string): void {
    const bytes = Buffer.from(token, 'latin1');
    this.send(abi.PAGER_TOKEN, { arg: bytes.readBigUInt64LE(0), pad: bytes.readUInt32LE(8) });
  }

  /** Closes the control connection; the pager continues on its own. */
  leave(): void {
    this.close();
  }

  /** Ends the pager without killing tasks: they are gone, or were never created. */
  stop(): void {
    if (!this.open) return;
    try {
      this.send(abi.PAGER_STOP);
    } catch {
      // The pager has ended already.
    }
    this.close();
  }

  /**
   * Resolves when all memory has been brought and the pager has ended, with the number of pages that it has brought.
   * @throws CriuError if the tasks had to be killed instead
   */
  finished(): Promise<number> {
    this.answer ??= this.waitForEnd();
    return this.answer;
  }

  private async waitForEnd(): Promise<number> {
    const last = this.open ? await this.nextReply() : undefined;
    this.close();
    if (last?.type !== abi.PAGER_DONE) throw this.failure(last?.text);
    return last.arg;
  }

  private failure(text: string | undefined): CriuError {
    return new CriuError(
      'SYSCALL',
      `memory of the tasks cannot be had any more: ${text || 'the pager is gone'}`,
      {},
      'the tasks were ended, as they would have read zeros: restore them again',
    );
  }

  private send(
    type: number,
    {
      arg = 0n,
      count = 0,
      pad = 0,
      payload,
    }: { arg?: bigint; count?: number; pad?: number; payload?: Buffer } = {},
    fds: number[] = [],
  ): void {
    const H = abi.PagerHead;
    const head = Buffer.alloc(H.size);
    head.writeUInt32LE(abi.PAGER_MAGIC, H.magic);
    head.writeUInt32LE(type, H.type);
    head.writeUInt32LE(count, H.count);
    head.writeUInt32LE(pad, H.pad);
    head.writeBigUInt64LE(arg, H.arg);
    for (const [bytes, along] of [
      [head, fds] as const,
      ...(payload?.length ? [[payload, []] as const] : []),
    ]) {
      const result = addon().channelSend(this.control, bytes, [...along]);
      if (result < 0) throw this.failure(`it does not listen (${new SysError('sendmsg', -result).message})`);
    }
  }

  /** The next reply of the pager; undefined if it has closed the connection. */
  private async nextReply(): Promise<{ type: number; text: string; arg: number } | undefined> {
    const R = abi.PagerReply;
    const whole = () => {
      if (this.received.length < R.size) return undefined;
      const length = this.received.readUInt32LE(R.length);
      return this.received.length < R.size + length ? undefined : R.size + length;
    };
    for (;;) {
      const size = whole();
      if (size !== undefined) {
        const type = this.received.readUInt32LE(R.type);
        const text = this.received.toString('latin1', R.size, size);
        const arg = Number(this.received.readBigUInt64LE(R.arg));
        this.received = this.received.subarray(size);
        return { type, text, arg };
      }
      const bytes = Buffer.alloc(2048);
      const n = sysRaw('recvfrom', this.control, bytes, bytes.length, MSG_DONTWAIT, null, null);
      if (n > 0) this.received = Buffer.concat([this.received, bytes.subarray(0, n)]);
      else if (n === -EAGAIN) await waitForEvents(this.control, EPOLLIN);
      else if (n !== -EINTR) return undefined;
    }
  }

  private close(): void {
    if (this.open) close(this.control);
    this.open = false;
  }
}

/** Pid of the pager proper, which the started process forks. @throws SysError, CriuError */
function startedBy(child: number, control: number): number {
  try {
    // The started process exits right after the fork.
    sys('wait4', child, null, 0, null);
    const R = abi.PagerReply;
    const bytes = Buffer.alloc(R.size);
    const got = sys('recvfrom', control, bytes, bytes.length, MSG_WAITALL, null, null);
    if (got !== R.size || bytes.readUInt32LE(R.type) !== abi.PAGER_STARTED)
      throw new CriuError('SYSCALL', 'the pager has ended before it began');
    return Number(bytes.readBigUInt64LE(R.arg));
  } catch (error) {
    close(control);
    throw error;
  }
}
