// Reads a pipe without consuming its contents: tee(2) copies them into a pipe of our own, which is then read.
import { PAGE_SIZE } from '@criu/images';
import { close, ioctlInt, SysError, sys, sysRaw } from '@criu/native';
import {
  EAGAIN,
  F_GETPIPE_SZ,
  F_SETPIPE_SZ,
  FIONREAD,
  O_CLOEXEC,
  SPLICE_F_NONBLOCK,
} from '@criu/native/uapi';

/** Bytes; more than any pipe can hold. */
const ALL = 0x7fffffff;

export interface PipeContent {
  readonly data: Buffer;
  /** Capacity in bytes (F_GETPIPE_SZ). */
  readonly capacity: number;
  /** Offset and length of each packet (O_DIRECT) in the data. */
  readonly packets: readonly number[];
}

/** A pipe of our own. */
class OwnPipe implements Disposable {
  readonly from: number;
  readonly to: number;

  constructor(capacity: number) {
    const ends = new Int32Array(2);
    sys('pipe2', ends, O_CLOEXEC);
    [this.from = -1, this.to = -1] = ends;
    sys('fcntl', this.to, F_SETPIPE_SZ, capacity);
  }

  [Symbol.dispose](): void {
    close(this.from);
    close(this.to);
  }
}

export function capacityOf(fd: number): number {
  return sys('fcntl', fd, F_GETPIPE_SZ);
}

/** Number of bytes in a pipe, by either end. */
export function bytesIn(fd: number): number {
  return ioctlInt(fd, FIONREAD, 'FIONREAD');
}

/** tee(2) or splice(2) of as much as is there and fits; 0 if there is nothing. */
function move(call: 'tee' | 'splice', from: number, to: number): number {
  const moved =
    call === 'tee'
      ? sysRaw('tee', from, to, ALL, SPLICE_F_NONBLOCK)
      : sysRaw('splice', from, null, to, null, ALL, SPLICE_F_NONBLOCK);
  if (moved < 0 && moved !== -EAGAIN) throw new SysError(call, -moved, 'a look into a pipe');
  return Math.max(moved, 0);
}

/** Whether a buffer is a packet: two copies of it in a row then take two reads. */
function isPacket(one: OwnPipe, two: OwnPipe, length: number, room: Buffer): boolean {
  move('tee', one.from, two.to);
  move('tee', one.from, two.to);
  const packet = sys('read', two.from, room, 2 * length) === length;
  if (packet) sys('read', two.from, room, length);
  return packet;
}

/** Reads a pipe of ours buffer by buffer, through a pipe with room for a single buffer. */
function takeApart(copy: OwnPipe, total: number): { data: Buffer; packets: number[] } {
  using one = new OwnPipe(PAGE_SIZE);
  using two = new OwnPipe(2 * PAGE_SIZE);
  const data = Buffer.alloc(total);
  const room = Buffer.alloc(2 * total);
  const packets: number[] = [];
  for (let at = 0; at < total; ) {
    const length = move('splice', copy.from, one.to);
    if (length === 0) break;
    if (isPacket(one, two, length, room)) packets.push(at, length);
    sys('read', one.from, data.subarray(at), length);
    at += length;
  }
  return { data, packets };
}

/** Contents and capacity of a pipe. @param fd a read end @throws SysError */
export function peekPipe(fd: number): PipeContent {
  const capacity = capacityOf(fd);
  if (bytesIn(fd) === 0) return { data: Buffer.alloc(0), capacity, packets: [] };
  using copy = new OwnPipe(capacity);
  const total = move('tee', fd, copy.to);
  return { ...takeApart(copy, total), capacity };
}
