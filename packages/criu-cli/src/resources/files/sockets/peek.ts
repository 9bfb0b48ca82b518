// Peeks at the receive queue of a socket (recvmsg(2) with MSG_PEEK): data, sender, control messages.
import { addon, SysError, sysRaw } from '@criu/native';
import {
  cmsghdr,
  EAGAIN,
  EFAULT,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  msghdr,
  SCM_CREDENTIALS,
  SCM_PIDFD,
  SCM_RIGHTS,
  SCM_SECURITY,
  SO_INQ,
  SO_RXQ_OVFL,
  SO_TIMESTAMP,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPING,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPNS,
  SO_TIMESTAMPNS_NEW,
  SOL_SOCKET,
  sockaddr_storage,
  ucred,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';

/** Bytes for SCM_MAX_FD descriptors and all other control messages. */
const CONTROL_BYTES = 4096;

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
  [SCM_SECURITY, 'security labels (SO_PASSSEC)'],
  [SO_TIMESTAMP, 'time stamps (SO_TIMESTAMP)'],
  [SO_TIMESTAMPNS, 'time stamps (SO_TIMESTAMPNS)'],
  [SO_TIMESTAMPING, 'time stamps (SO_TIMESTAMPING)'],
  [SO_TIMESTAMP_NEW, 'time stamps (SO_TIMESTAMP)'],
  [SO_TIMESTAMPNS_NEW, 'time stamps (SO_TIMESTAMPNS)'],
  [SO_TIMESTAMPING_NEW, 'time stamps (SO_TIMESTAMPING)'],
]);

/** Control messages that the kernel derives from other state of the socket or message. */
const DERIVED: ReadonlySet<number> = new Set([SO_INQ, SO_RXQ_OVFL]);

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
  else if (type === SCM_RIGHTS) control.fds.push(...words(body));
  else if (type === SCM_CREDENTIALS) {
    const [pid, uid, gid] = [
      body.readInt32LE(ucred.pid),
      body.readUInt32LE(ucred.uid),
      body.readUInt32LE(ucred.gid),
    ];
    control.credentials = { pid, uid, gid };
  } else if (type === SCM_PIDFD) for (const fd of words(body)) sysRaw('close', fd);
  else if (!DERIVED.has(type)) control.foreign.push(FOREIGN.get(type) ?? `control messages of type ${type}`);
}

function parse(bytes: Buffer): Control {
  const control: Control = { fds: [], foreign: [], ofProtocol: [] };
  for (let at = 0; at + cmsghdr.sizeof <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at + cmsghdr.cmsg_len));
    if (length < cmsghdr.sizeof) break;
    const body = bytes.subarray(at + cmsghdr.sizeof, at + length);
    const level = bytes.readInt32LE(at + cmsghdr.cmsg_level);
    read(control, level, bytes.readInt32LE(at + cmsghdr.cmsg_type), body);
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
  const header = Buffer.alloc(msghdr.sizeof);
  header.writeBigUInt64LE(addon().addressOf(iov), msghdr.msg_iov);
  header.writeBigUInt64LE(2n, msghdr.msg_iovlen);
  const n = sysRaw('recvmsg', fd, header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && n !== -EFAULT) throw new SysError('recvmsg', -n, 'MSG_PEEK');
  return Math.max(n, 0);
}

const control = Buffer.alloc(CONTROL_BYTES);
const name = Buffer.alloc(sockaddr_storage.sizeof);

/**
 * Peeks at the peek offset (SO_PEEK_OFF), which advances. Undefined if there is no more data.
 * @param room buffer for the bytes, which are copied out of it
 * @throws SysError, CriuError
 */
export function peek(fd: number, room: Buffer): Peeked | undefined {
  const iov = new BigUint64Array([addon().addressOf(room), BigInt(room.length)]);
  const header = Buffer.alloc(msghdr.sizeof);
  header.writeBigUInt64LE(addon().addressOf(name), msghdr.msg_name);
  header.writeUInt32LE(name.length, msghdr.msg_namelen);
  header.writeBigUInt64LE(addon().addressOf(iov), msghdr.msg_iov);
  header.writeBigUInt64LE(1n, msghdr.msg_iovlen);
  header.writeBigUInt64LE(addon().addressOf(control), msghdr.msg_control);
  header.writeBigUInt64LE(BigInt(control.length), msghdr.msg_controllen);
  const n = sysRaw('recvmsg', fd, header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n === -EAGAIN) return undefined;
  if (n < 0) throw new SysError('recvmsg', -n, 'MSG_PEEK');
  const { fds, credentials, foreign, ofProtocol } = parse(
    control.subarray(0, Number(header.readBigUInt64LE(msghdr.msg_controllen))),
  );
  const flags = header.readInt32LE(msghdr.msg_flags);
  if (flags & MSG_CTRUNC) {
    for (const own of fds) sysRaw('close', own);
    throw new CriuError('INTERNAL', 'the control messages of a packet have no room');
  }
  return {
    data: Buffer.from(room.subarray(0, n)),
    fds,
    ...(credentials ? { credentials } : {}),
    address: Buffer.from(name.subarray(0, Math.min(header.readUInt32LE(msghdr.msg_namelen), name.length))),
    cut: (flags & MSG_TRUNC) !== 0,
    foreign,
    ofProtocol,
  };
}
