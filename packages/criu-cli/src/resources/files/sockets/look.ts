// Looks into the queue of a socket without changing it: options that are needed for it are restored afterwards.
import { sys, sysRaw } from '@criu/native';
import { POLLERR, POLLIN, POLLPRI, SO_PEEK_OFF, SOL_SOCKET } from '@criu/native/uapi';
import { knows, option } from './options.js';
import { bytesBeforeLast, type Peeked, peek } from './peek.js';

/** Bytes for a datagram of ordinary size; enlarged on demand. */
const ROOM = 256 << 10;
const LARGEST = 1 << 30;

/** A message, or a piece of a stream, that was received and not read. */
export interface Queued extends Peeked {
  /** Its single byte was sent with MSG_OOB. */
  readonly oob?: boolean;
}

/** Events of poll(2) that are present now; POLLERR and POLLHUP are always included. */
function pollNow(fd: number, events: number): number {
  // struct pollfd: revents is the upper half of the second word.
  const pollfd = new Uint32Array([fd, events]);
  return sysRaw('poll', pollfd, 1, 0) > 0 ? (pollfd[1] ?? 0) >>> 16 : 0;
}

/** Whether a read would not block: there is data, an empty message, or the end. */
export function isReadable(fd: number): boolean {
  return (pollNow(fd, POLLIN) & POLLIN) !== 0;
}

/** Whether an error is pending (SO_ERROR). */
export function hasError(fd: number): boolean {
  return (pollNow(fd, 0) & POLLERR) !== 0;
}

/** Whether there is urgent or out-of-band data (MSG_OOB). */
export function hasUrgent(fd: number): boolean {
  return (pollNow(fd, POLLPRI) & POLLPRI) !== 0;
}

export class Look implements Disposable {
  private readonly before = new Map<number, number>();
  private room = Buffer.alloc(0);

  constructor(readonly fd: number) {}

  /** Sets an option of SOL_SOCKET for the duration of the look. @throws SysError */
  set(name: number, value: number): void {
    if (!this.before.has(name)) this.before.set(name, option(this.fd, name));
    sys('setsockopt', this.fd, SOL_SOCKET, name, new Int32Array([value]), 4);
  }

  /** The same for an option that some kernels lack. */
  setIfKnown(name: number, value: number): void {
    if (knows(this.fd, name)) this.set(name, value);
  }

  private get(name: number): number {
    return option(this.fd, name);
  }

  poll(events: number): number {
    return pollNow(this.fd, events);
  }

  /** The data at the peek offset, at most `size` bytes. @throws SysError, CriuError */
  next(size: number): Peeked | undefined {
    if (this.room.length < size) this.room = Buffer.alloc(size);
    return peek(this.fd, this.room.subarray(0, size));
  }

  /**
   * How many of the next `size` bytes at the peek offset precede the message to which the last byte belongs.
   * @throws SysError
   */
  beforeLast(size: number): number {
    if (this.room.length < size) this.room = Buffer.alloc(size);
    return bytesBeforeLast(this.fd, this.room, size);
  }

  /** The whole packet at the peek offset. @throws SysError, CriuError */
  packet(): Peeked | undefined {
    for (let size = ROOM; ; size *= 4) {
      const seen = this.next(size);
      if (!seen?.cut || size > LARGEST) return seen;
      this.set(SO_PEEK_OFF, this.get(SO_PEEK_OFF) - seen.data.length);
      for (const fd of seen.fds) sysRaw('close', fd);
    }
  }

  [Symbol.dispose](): void {
    for (const [name, value] of this.before)
      sys('setsockopt', this.fd, SOL_SOCKET, name, new Int32Array([value]), 4);
  }
}
