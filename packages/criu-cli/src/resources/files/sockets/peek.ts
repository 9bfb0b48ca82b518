// Peeks at the receive queue of a socket (recvmsg(2) with MSG_PEEK): data, sender, control messages.
import { addon, SysError, sysRaw } from '@criu/native';
import {
  EAGAIN,
  EFAULT,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SOL_SOCKET,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { SO } from './options.js';

/** Size of struct msghdr on x86_64. */
const MSGHDR = 56;
const CMSGHDR = 16;
/** Size of struct sockaddr_storage in bytes. */
const NAME_BYTES = 128;
/** Bytes for SCM_MAX_FD descriptors and all other control messages. */
const CONTROL_BYTES = 4096;

const SCM = { RIGHTS: 1, CREDENTIALS: 2, SECURITY: 3, PIDFD: 4 } as const;

/** The sender of a message as the receiver sees it: struct ucred, with the pid as this process sees it. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface Peeked {
  readonly data: Buffer;
  /** Descriptors in flight, as duplicates of our own. */
  readonly fds: readonly number[];
  /** Set if the receiver has SO_PASSCRED. */
  readonly credentials?: Credentials;
  /** struct sockaddr of the sending socket; empty if it has no name. */
  readonly address: Buffer;
  /** The packet is longer than the buffer. */
  readonly cut: boolean;
  /** Names of control messages of SOL_SOCKET that cannot be sent again. */
  readonly foreign: readonly string[];
  /** Control messages of the protocol. */
  readonly ofProtocol: readonly ProtocolMessage[];
}

export interface ProtocolMessage {
  readonly level: number;
  readonly type: number;
  readonly body: Buffer;
}

const FOREIGN: ReadonlyMap<number, string> = new Map([
  [SCM.SECURITY, 'security labels (SO_PASSSEC)'],
  [SO.TIMESTAMP, 'time stamps (SO_TIMESTAMP)'],
  [SO.TIMESTAMPNS, 'time stamps (SO_TIMESTAMPNS)'],
  [SO.TIMESTAMPING, 'time stamps (SO_TIMESTAMPING)'],
  [SO.TIMESTAMP_NEW, 'time stamps (SO_TIMESTAMP)'],
  [SO.TIMESTAMPNS_NEW, 'time stamps (SO_TIMESTAMPNS)'],
  [SO.TIMESTAMPING_NEW, 'time stamps (SO_TIMESTAMPING)'],
]);

/** Control messages that the kernel derives from other state of the socket or message. */
const DERIVED: ReadonlySet<number> = new Set([SO.INQ, SO.RXQ_OVFL]);

interface Control {
  readonly fds: number[];
  credentials?: Credentials;
  readonly foreign: string[];
  readonly ofProtocol: ProtocolMessage[];
}

function words(body: Buffer): number[] {
  return Array.from({ length: body.length >>> 2 }, (_, i) => body.readInt32LE(i * 4));
}

function read(control: Control, level: number, type: number, body: Buffer): void {
  if (level !== SOL_SOCKET) control.ofProtocol.push({ level, type, body: Buffer.from(body) });
  else if (type === SCM.RIGHTS) control.fds.push(...words(body));
  else if (type === SCM.CREDENTIALS) {
    const [pid, uid, gid] = [body.readInt32LE(0), body.readUInt32LE(4), body.readUInt32LE(8)];
    control.credentials = { pid, uid, gid };
  } else if (type === SCM.PIDFD) for (const fd of words(body)) sysRaw('close', fd);
  else if (!DERIVED.has(type)) control.foreign.push(FOREIGN.get(type) ?? `control messages of type ${type}`);
}

function parse(bytes: Buffer): Control {
  const control: Control = { fds: [], foreign: [], ofProtocol: [] };
  for (let at = 0; at + CMSGHDR <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (length < CMSGHDR) break;
    const body = bytes.subarray(at + CMSGHDR, at + length);
    read(control, bytes.readInt32LE(at + 8), bytes.readInt32LE(at + 12), body);
    at += (length + 7) & ~7;
  }
  return control;
}

/** An address that cannot be written to. */
const NOWHERE = 8n;

/**
 * How many of the next `size` bytes of a stream precede the message to which the last byte belongs. There is no room
 * for the last byte, since the kernel skips a message that it cannot copy completely, with everything attached to it.
 * @throws SysError
 */
export function bytesBeforeLast(fd: number, room: Buffer, size: number): number {
  const iov = new BigUint64Array([addon().addressOf(room), BigInt(size - 1), NOWHERE, 1n]);
  const header = Buffer.alloc(MSGHDR);
  header.writeBigUInt64LE(addon().addressOf(iov), 16);
  header.writeBigUInt64LE(2n, 24);
  const n = sysRaw('recvmsg', fd, header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && n !== -EFAULT) throw new SysError('recvmsg', -n, 'MSG_PEEK');
  return Math.max(n, 0);
}

const control = Buffer.alloc(CONTROL_BYTES);
const name = Buffer.alloc(NAME_BYTES);

/**
 * Peeks at the peek offset (SO_PEEK_OFF), which advances. Undefined if there is no more data.
 * @param room buffer for the bytes, which are copied out of it
 * @throws SysError, CriuError
 */
export function peek(fd: number, room: Buffer): Peeked | undefined {
  const iov = new BigUint64Array([addon().addressOf(room), BigInt(room.length)]);
  const header = Buffer.alloc(MSGHDR);
  header.writeBigUInt64LE(addon().addressOf(name), 0);
  header.writeUInt32LE(name.length, 8);
  header.writeBigUInt64LE(addon().addressOf(iov), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(addon().addressOf(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  const n = sysRaw('recvmsg', fd, header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n === -EAGAIN) return undefined;
  if (n < 0) throw new SysError('recvmsg', -n, 'MSG_PEEK');
  const { fds, credentials, foreign, ofProtocol } = parse(
    control.subarray(0, Number(header.readBigUInt64LE(40))),
  );
  const flags = header.readInt32LE(48);
  if (flags & MSG_CTRUNC) {
    for (const own of fds) sysRaw('close', own);
    throw new CriuError('INTERNAL', 'the control messages of a packet have no room');
  }
  return {
    data: Buffer.from(room.subarray(0, n)),
    fds,
    ...(credentials ? { credentials } : {}),
    address: Buffer.from(name.subarray(0, Math.min(header.readUInt32LE(8), name.length))),
    cut: (flags & MSG_TRUNC) !== 0,
    foreign,
    ofProtocol,
  };
}
