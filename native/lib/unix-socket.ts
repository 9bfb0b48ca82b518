// Messages of Unix sockets with a descriptor beside them (sendmsg(2), recvmsg(2), SCM_RIGHTS of unix(7)), and who sends them.
import { addon } from './addon.js';
import { sys, sysRaw } from './sys.js';
import { MSG_CMSG_CLOEXEC, MSG_NOSIGNAL, SCM_RIGHTS, SO_PEERCRED, SOL_SOCKET } from './uapi.generated.js';

/** struct msghdr of 64-bit Linux, and where msg_iov, msg_iovlen, msg_control and msg_controllen are in it. */
const MSGHDR = 56;
const AT = { iov: 16, iovlen: 24, control: 32, controllen: 40 } as const;
/** What it points to follows: struct iovec, struct cmsghdr with one int (padded), and the bytes. */
const IOVEC = MSGHDR;
const CMSG = IOVEC + 16;
/** CMSG_LEN of one descriptor: with more room the kernel would take a second one in, which nobody would close. */
const CMSG_LEN = 20;
const BYTES = CMSG + 24;

export interface ReceivedMessage {
  /** None when the other end is gone. */
  readonly bytes: Buffer;
  /** A descriptor that came with them, close-on-exec; whoever receives it closes it. */
  readonly fd: number | undefined;
}

/** Who is at the other end, as the kernel knows it. */
export interface PeerIdentity {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Who has connected a socket, or listened when it was connected (SO_PEERCRED). @throws SysError if it is no socket */
export function peerOf(socket: number): PeerIdentity {
  // struct ucred.
  const cred = new Int32Array(3);
  sys('getsockopt', socket, SOL_SOCKET, SO_PEERCRED, cred, new Int32Array([cred.byteLength]));
  const [pid = 0, uid = 0, gid = 0] = cred;
  return { pid, uid, gid };
}

/** A struct msghdr and all that it points to in one piece of memory, which lives as long as the call that gets it. */
function header(size: number): Buffer {
  const all = Buffer.alloc(BYTES + size);
  const base = addon().addressOf(all);
  all.writeBigUInt64LE(base + BigInt(IOVEC), AT.iov);
  all.writeBigUInt64LE(1n, AT.iovlen);
  all.writeBigUInt64LE(base + BigInt(CMSG), AT.control);
  all.writeBigUInt64LE(base + BigInt(BYTES), IOVEC);
  all.writeBigUInt64LE(BigInt(size), IOVEC + 8);
  return all;
}

/**
 * Sends bytes, with a descriptor if one is given; who has hung up is an error, not a signal.
 * @param flags MSG_* of send(2)
 * @returns how many bytes were sent, or -errno
 */
export function sendWithFd(socket: number, bytes: Buffer, fd: number | undefined, flags = 0): number {
  const message = header(bytes.length);
  bytes.copy(message, BYTES);
  if (fd !== undefined) {
    message.writeBigUInt64LE(BigInt(CMSG_LEN), AT.controllen);
    message.writeBigUInt64LE(BigInt(CMSG_LEN), CMSG);
    message.writeInt32LE(SOL_SOCKET, CMSG + 8);
    message.writeInt32LE(SCM_RIGHTS, CMSG + 12);
    message.writeInt32LE(fd, CMSG + 16);
  }
  return sysRaw('sendmsg', socket, message, MSG_NOSIGNAL | flags);
}

/**
 * Receives at most so many bytes, with the descriptor that comes with them; further ones are left out.
 * @param flags MSG_* of recv(2)
 * @returns -errno if there is nothing
 */
export function receiveWithFd(socket: number, size: number, flags = 0): ReceivedMessage | number {
  const message = header(size);
  message.writeBigUInt64LE(BigInt(CMSG_LEN), AT.controllen);
  const got = sysRaw('recvmsg', socket, message, MSG_CMSG_CLOEXEC | flags);
  if (got < 0) return got;
  // msg_controllen says how much of it has come.
  const came =
    message.readBigUInt64LE(AT.controllen) >= BigInt(CMSG_LEN) &&
    message.readInt32LE(CMSG + 8) === SOL_SOCKET &&
    message.readInt32LE(CMSG + 12) === SCM_RIGHTS;
  return {
    bytes: message.subarray(BYTES, BYTES + got),
    fd: came ? message.readInt32LE(CMSG + 16) : undefined,
  };
}
