// Netlink messages: attributes there and back, and one request with its answer (netlink(7)).
import { close } from 'node:fs';
import { SysError, sys, sysRaw } from '@criu/native';
import { SOCK_CLOEXEC, SOCK_RAW } from './kernel.js';

const NETLINK_NETFILTER = 12;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
export const NLM_F = { request: 1, ack: 4, create: 0x400, append: 0x800, dump: 0x300 } as const;
const NESTED = 0x8000;

const align = (length: number) => (length + 3) & ~3;

/** An attribute's content: bytes, text (NUL added), a 32-bit number in network order, or attributes inside. */
export type Value = Uint8Array | string | number | Attribute[];
export type Attribute = [type: number, value: Value];

function encodeValue(value: Exclude<Value, Attribute[]>): Uint8Array {
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value >>> 0);
    return bytes;
  }
  return value;
}

export function encodeAttributes(attributes: Attribute[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [type, value] of attributes) {
    const nested = Array.isArray(value);
    const content = nested ? encodeAttributes(value) : encodeValue(value);
    const piece = Buffer.alloc(align(4 + content.length));
    piece.writeUInt16LE(4 + content.length, 0);
    piece.writeUInt16LE(nested ? type | NESTED : type, 2);
    piece.set(content, 4);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Attributes of one level; later ones of the same type follow each other. */
export function decodeAttributes(bytes: Buffer): [number, Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    found.push([bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length)]);
    at += align(length);
  }
  return found;
}

export interface Message {
  type: number;
  flags: number;
  /** struct nfgenmsg: family and resource id. */
  family: number;
  resource: number;
  attributes: Attribute[];
}

function encodeMessage(message: Message, seq: number): Buffer {
  const body = encodeAttributes(message.attributes);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(20 + body.length, 0);
  head.writeUInt16LE(message.type, 4);
  head.writeUInt16LE(message.flags | NLM_F.request, 6);
  head.writeUInt32LE(seq, 8);
  head[16] = message.family;
  head.writeUInt16BE(message.resource, 18);
  return Buffer.concat([head, body]);
}

export interface Answer {
  type: number;
  attributes: Buffer;
}

/** One socket of the netfilter family, in the network namespace where it was opened. */
export class Netlink {
  private seq = 1;
  private readonly buffer = Buffer.alloc(128 * 1024);
  private constructor(readonly fd: number) {}

  static open(): Netlink {
    const fd = sys('socket', 16 /* AF_NETLINK */, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    try {
      const address = new Uint8Array(12);
      address[0] = 16;
      sys('bind', fd, address, address.length);
      // A kernel that never answers would hang us.
      const seconds = new Uint8Array(new BigInt64Array([10n, 0n]).buffer);
      sys('setsockopt', fd, 1, 20 /* SO_RCVTIMEO */, seconds, seconds.length);
      // A batch of thousands of elements is one datagram.
      const size = new Uint8Array(new Int32Array([4 << 20]).buffer);
      for (const option of [32, 33]) sysRaw('setsockopt', fd, 1, option, size, size.length);
      return new Netlink(fd);
    } catch (error) {
      sys('close', fd);
      throw error;
    }
  }

  close(): void {
    // The kernel waits here for rules that were deleted to go out of use (tens of ms): not on this thread.
    close(this.fd, () => {});
  }

  /** Sends messages as one datagram and reads until the last one is acknowledged. @throws SysError with the errno */
  exchange(messages: Message[], call: string): Answer[] {
    const first = this.seq;
    this.seq += messages.length;
    const last = this.seq - 1;
    const datagram = Buffer.concat(messages.map((m, i) => encodeMessage(m, first + i)));
    const sent = sysRaw('sendto', this.fd, datagram, datagram.length, 0, null, 0);
    if (sent < 0) throw new SysError(call, -sent);
    const waited = messages.findLastIndex((m) => m.flags & (NLM_F.ack | NLM_F.dump)) + first;
    const answers: Answer[] = [];
    for (;;) {
      const got = sysRaw('recvfrom', this.fd, this.buffer, this.buffer.length, 0, null, null);
      if (got === -4 /* EINTR */) continue;
      if (got < 0) throw new SysError(call, -got);
      for (let at = 0; at + 16 <= got; ) {
        const length = this.buffer.readUInt32LE(at);
        if (length < 16 || at + length > got) break;
        const type = this.buffer.readUInt16LE(at + 4);
        const seq = this.buffer.readUInt32LE(at + 8);
        const body = this.buffer.subarray(at + 16, at + length);
        at += align(length);
        // Left over from a request that failed before.
        if (seq < first || seq > last) continue;
        if (type === NLMSG_ERROR) {
          const errno = -body.readInt32LE(0);
          if (errno) {
            this.drain();
            throw new SysError(call, errno);
          }
          if (seq >= waited) return answers;
        } else if (type === NLMSG_DONE) {
          return answers;
        } else answers.push({ type, attributes: Buffer.from(body.subarray(4)) });
      }
    }
  }

  private drain(): void {
    while (sysRaw('recvfrom', this.fd, this.buffer, this.buffer.length, 0x40, null, null) > 0);
  }
}
