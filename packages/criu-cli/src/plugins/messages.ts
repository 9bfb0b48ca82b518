// Messages between the command and a process that holds a plugin (native/include/plugin-host.h).
import { addon, decodeName, encodeName, SysError, sysRaw } from '@criu/native';

export const INIT = 100;
export const EXIT = 101;

export const KIND = { LOG: 0, READY: 1, FAILED: 2, ANSWER: 3, LISTED: 4, CLAIMED: 5 } as const;

const REQUEST = 48;
const REPLY = 24;
const LONGEST = 1 << 16;
/** Bytes of both texts of a request. */
const TEXT = 8192;

export interface Request {
  readonly op: number;
  readonly args: readonly bigint[];
  readonly first: string;
  readonly second: string;
}

export interface Reply {
  readonly kind: number;
  readonly value: number;
  readonly wide: bigint;
  readonly flag: bigint;
  readonly text: string;
}

export function encodeRequest({ op, args, first, second }: Request): Buffer {
  const [a, b] = [encodeName(first), encodeName(second)];
  if (a.length + b.length > TEXT) throw new RangeError(`texts of ${a.length + b.length} bytes`);
  const head = Buffer.alloc(REQUEST);
  head.writeUInt32LE(op, 0);
  head.writeUInt32LE(a.length, 4);
  head.writeUInt32LE(b.length, 8);
  args.slice(0, 4).forEach((arg, index) => {
    head.writeBigInt64LE(BigInt.asIntN(64, arg), 16 + index * 8);
  });
  return Buffer.concat([head, a, b]);
}

export function decodeRequest(bytes: Buffer): Request {
  const [first, second] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  return {
    op: bytes.readUInt32LE(0),
    args: [0, 1, 2, 3].map((index) => bytes.readBigInt64LE(16 + index * 8)),
    first: decodeName(bytes.subarray(REQUEST, REQUEST + first)),
    second: decodeName(bytes.subarray(REQUEST + first, REQUEST + first + second)),
  };
}

export function encodeReply({ kind, value, wide, flag, text }: Reply): Buffer {
  const head = Buffer.alloc(REPLY);
  head.writeUInt32LE(kind, 0);
  head.writeInt32LE(value, 4);
  head.writeBigInt64LE(BigInt.asIntN(64, wide), 8);
  head.writeBigInt64LE(flag, 16);
  return Buffer.concat([head, encodeName(text).subarray(0, TEXT)]);
}

/** @throws RangeError for bytes that are no message */
export function decodeReply(bytes: Buffer): Reply {
  return {
    kind: bytes.readUInt32LE(0),
    value: bytes.readInt32LE(4),
    wide: bytes.readBigInt64LE(8),
    flag: bytes.readBigInt64LE(16),
    text: decodeName(bytes.subarray(REPLY)),
  };
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const EAGAIN = 11;
const EINTR = 4;

/** struct msghdr (recvmsg(2)) of one piece and room for control messages; the memory has to live as long as it. */
function header(bytes: Buffer, control: Buffer): Buffer {
  const { addressOf } = addon();
  const iov = new BigUint64Array([addressOf(bytes), BigInt(bytes.length)]);
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(addressOf(iov), 16);
  message.writeBigUInt64LE(1n, 24);
  if (control.length > 0) message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  held.set(message, [iov, bytes, control]);
  return message;
}
/** Memory that headers point to. */
const held = new WeakMap<Buffer, readonly NodeJS.TypedArray[]>();

/** Sends one message. @throws SysError */
export function sendMessage(socket: number, bytes: Buffer, fd?: number): void {
  const control = Buffer.alloc(fd === undefined ? 0 : 24);
  if (fd !== undefined) {
    control.writeBigUInt64LE(20n, 0);
    control.writeInt32LE(SOL_SOCKET, 8);
    control.writeInt32LE(SCM_RIGHTS, 12);
    control.writeInt32LE(fd, 16);
  }
  const message = header(bytes, control);
  for (;;) {
    const sent = sysRaw('sendmsg', socket, message, MSG_NOSIGNAL);
    if (sent >= 0) return;
    if (sent !== -EINTR) throw new SysError('sendmsg', -sent, 'to a plugin');
  }
}

/**
 * Takes one message, if there is one.
 * @returns undefined if there is none; no bytes when the other side is gone
 * @throws SysError
 */
export function takeMessage(socket: number): { bytes: Buffer; fd: number | undefined } | undefined {
  const bytes = Buffer.alloc(LONGEST);
  const control = Buffer.alloc(64);
  const message = header(bytes, control);
  for (;;) {
    const size = sysRaw('recvmsg', socket, message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size === -EINTR) continue;
    if (size === -EAGAIN) return undefined;
    if (size === -104) return { bytes: Buffer.alloc(0), fd: undefined };
    if (size < 0) throw new SysError('recvmsg', -size, 'of a plugin');
    const length = Number(message.readBigUInt64LE(40));
    const isFd =
      length >= 20 && control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS;
    return { bytes: bytes.subarray(0, size), fd: isFd ? control.readInt32LE(16) : undefined };
  }
}
