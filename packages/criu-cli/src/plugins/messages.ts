// Messages between the command and the process of a plugin (native/include/plugin-host.h).
import {
  decodeName,
  encodeName,
  type ReceivedMessage,
  receiveWithFd,
  SysError,
  sendWithFd,
} from '@criu/native';
import { EAGAIN, ECONNRESET, EINTR, MSG_DONTWAIT } from '@criu/native/uapi';

export const INIT = 100;
export const EXIT = 101;

export const KIND = { LOG: 0, READY: 1, FAILED: 2, ANSWER: 3, LISTED: 4, CLAIMED: 5 } as const;

const REQUEST = 48;
const REPLY = 24;
const LONGEST = 1 << 16;
/** Bytes of both texts of a request together. */
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

/** @throws RangeError for invalid bytes */
export function decodeReply(bytes: Buffer): Reply {
  return {
    kind: bytes.readUInt32LE(0),
    value: bytes.readInt32LE(4),
    wide: bytes.readBigInt64LE(8),
    flag: bytes.readBigInt64LE(16),
    text: decodeName(bytes.subarray(REPLY)),
  };
}

/** Sends one message. @throws SysError */
export function sendMessage(socket: number, bytes: Buffer, fd?: number): void {
  for (;;) {
    const sent = sendWithFd(socket, bytes, fd);
    if (sent >= 0) return;
    if (sent !== -EINTR) throw new SysError('sendmsg', -sent, 'to a plugin');
  }
}

/**
 * Receives one message without waiting.
 * @returns undefined if there is none; an empty message if the other side has closed the connection
 * @throws SysError
 */
export function takeMessage(socket: number): ReceivedMessage | undefined {
  for (;;) {
    const message = receiveWithFd(socket, LONGEST, MSG_DONTWAIT);
    if (typeof message !== 'number') return message;
    if (message === -EINTR) continue;
    if (message === -EAGAIN) return undefined;
    if (message === -ECONNRESET) return { bytes: Buffer.alloc(0), fd: undefined };
    throw new SysError('recvmsg', -message, 'of a plugin');
  }
}
