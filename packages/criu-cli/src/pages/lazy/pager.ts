// The pager, a native process that brings memory to tasks while they run, as the command that starts it sees it.
import { constants } from 'node:os';
import { abi, addon, close, pagerPath, SysError, socketpair, sys, sysRaw, waitForEvents } from '@criu/native';
import { EAGAIN, EINTR, EPOLLIN, MSG_DONTWAIT, MSG_WAITALL } from '@criu/native/uapi';
import { CriuError } from '../../errors.js';
import type { Range } from '../ranges.js';

const CONTROL = 3;

/** A run of pages that is still missing, and where it is. */
export interface MissingRange extends Range {
  /** What `addFile` or `addServer` gave. */
  readonly source: number;
  /** In a file the offset, at a server the address as it knows it. */
  readonly offset: number | bigint;
}

export interface PagerMemory {
  /** As images have it. */
  readonly pid: number;
  /** Descriptor of its userfaultfd; the API is agreed, and its ranges are registered. */
  readonly uffd: number;
  /** Descriptor of the task itself, which is ended when its memory cannot be had; -1 if that is not known. */
  readonly pidfd: number;
  readonly missing: readonly MissingRange[];
}

export class Pager {
  private sources = 0;
  private answer: Promise<number> | undefined;
  private heard = Buffer.alloc(0);
  private open = true;

  private constructor(
    /** Pid of the process. */
    readonly pid: number,
    private readonly control: number,
  ) {}

  /** Starts one; `tracker`: one that only keeps userfaultfds open. `log`: descriptor of a file that its messages are appended to. @throws SysError */
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

  /** A file that has pages. @returns number of the source @throws CriuError */
  addFile(fd: number): number {
    this.send(abi.PAGER_FILE, { arg: BigInt(this.sources) }, [fd]);
    return this.sources++;
  }

  /** A connection to a page server that gives pages when it is asked for them. @throws CriuError */
  addServer(fd: number): number {
    this.send(abi.PAGER_SERVER, { arg: BigInt(this.sources) }, [fd]);
    return this.sources++;
  }

  /** From here on faults of that memory are served. Descriptors stay the caller's. @throws CriuError */
  addMemory({ pid, uffd, pidfd, missing }: PagerMemory): void {
    const words = new BigUint64Array(missing.length * 4);
    missing.forEach(({ start, end, source, offset }, i) => {
      words.set([start, end, BigInt(source), BigInt(offset)], i * 4);
    });
    const payload = Buffer.from(words.buffer);
    const fds = pidfd < 0 ? [uffd] : [uffd, pidfd];
    this.send(abi.PAGER_MEMORY, { arg: BigInt(pid), count: missing.length, payload }, fds);
  }

  /** The tasks are about to run: memory may come unasked from here on. Resolves when the pager knows. @throws CriuError */
  async go(): Promise<void> {
    this.send(abi.PAGER_GO);
    const answer = await this.hear();
    if (answer?.type !== abi.PAGER_GOING) throw this.failure(answer?.text);
  }

  /** The name of a tracker: twelve characters. @throws CriuError */
  name(token: string): void {
    const bytes = Buffer.from(token, 'latin1');
    this.send(abi.PAGER_TOKEN, { arg: bytes.readBigUInt64LE(0), pad: bytes.readUInt32LE(8) });
  }

  /** Whoever has it go on by itself wants to hear nothing more. */
  leave(): void {
    this.close();
  }

  /** The tasks are gone, or never were: nothing is to be done, and nobody to be ended. */
  stop(): void {
    if (!this.open) return;
    try {
      this.send(abi.PAGER_STOP);
    } catch {
      // It is gone already.
    }
    this.close();
  }

  /**
   * Resolves when all memory is there and the pager has ended, with the number of pages that it has brought. @throws CriuError if
   * the tasks had to be ended instead
   */
  finished(): Promise<number> {
    this.answer ??= this.waitForEnd();
    return this.answer;
  }

  private async waitForEnd(): Promise<number> {
    const last = this.open ? await this.hear() : undefined;
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
    const { PagerHead: H } = abi;
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

  /** The next answer; undefined if there is none and will be none. */
  private async hear(): Promise<{ type: number; text: string; arg: number } | undefined> {
    const { PagerReply: R } = abi;
    const whole = () => {
      if (this.heard.length < R.size) return undefined;
      const length = this.heard.readUInt32LE(R.length);
      return this.heard.length < R.size + length ? undefined : R.size + length;
    };
    for (;;) {
      const size = whole();
      if (size !== undefined) {
        const type = this.heard.readUInt32LE(R.type);
        const text = this.heard.toString('latin1', R.size, size);
        const arg = Number(this.heard.readBigUInt64LE(R.arg));
        this.heard = this.heard.subarray(size);
        return { type, text, arg };
      }
      const bytes = Buffer.alloc(2048);
      const n = sysRaw('recvfrom', this.control, bytes, bytes.length, MSG_DONTWAIT, null, null);
      if (n > 0) this.heard = Buffer.concat([this.heard, bytes.subarray(0, n)]);
      else if (n === -EAGAIN) await waitForEvents(this.control, EPOLLIN);
      else if (n !== -EINTR) return undefined;
    }
  }

  private close(): void {
    if (this.open) close(this.control);
    this.open = false;
  }
}

/** Pid of the process that the one that was started has made. @throws SysError, CriuError */
function startedBy(child: number, control: number): number {
  try {
    // It ends at once.
    sys('wait4', child, null, 0, null);
    const { PagerReply: R } = abi;
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
