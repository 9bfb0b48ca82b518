// Messages of Unix sockets with a descriptor (sendmsg(2), recvmsg(2), SCM_RIGHTS of unix(7)), and the credentials of
// the peer.
import { addon } from './addon.js';
import { sys, sysRaw } from './sys.js';
import {
  cmsghdr,
  iovec,
  MSG_CMSG_CLOEXEC,
  MSG_NOSIGNAL,
  msghdr,
  SCM_RIGHTS,
  SO_PEERCRED,
  SOL_SOCKET,
  ucred,
} from './uapi.generated.js';

/**
 * Offsets in one buffer: struct msghdr, and behind it struct iovec, struct cmsghdr with one int (padded), and the
 * bytes.
 */
const IOVEC = msghdr.sizeof;
const CMSG = IOVEC + iovec.sizeof;
const DESCRIPTOR = CMSG + cmsghdr.sizeof;
/** CMSG_LEN of one descriptor. With more room the kernel would install a second descriptor, which would leak. */
const CMSG_LEN = BigInt(cmsghdr.sizeof + 4);
const BYTES = DESCRIPTOR + 8;

export interface ReceivedMessage {
  /** Empty when the peer has closed the socket. */
  readonly bytes: Buffer;
  /** The descriptor that came with the bytes, close-on-exec. The caller closes it. */
  readonly fd: number | undefined;
}

/** The peer of a socket according to the kernel. */
export interface PeerIdentity {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Credentials of the process that called connect(2) or listen(2) at the other end (SO_PEERCRED).
 * @throws SysError if it is no socket
 */
export function peerOf(socket: number): PeerIdentity {
  const cred = Buffer.alloc(ucred.sizeof);
  sys('getsockopt', socket, SOL_SOCKET, SO_PEERCRED, cred, new Int32Array([cred.byteLength]));
  return {
    pid: cred.readInt32LE(ucred.pid),
    uid: cred.readInt32LE(ucred.uid),
    gid: cred.readInt32LE(ucred.gid),
  };
}

/** A struct msghdr with everything that it points to, in one buffer. */
function header(size: number): Buffer {
  const all = Buffer.alloc(BYTES + size);
  const base = addon().addressOf(all);
  all.writeBigUInt64LE(base + BigInt(IOVEC), msghdr.msg_iov);
  all.writeBigUInt64LE(1n, msghdr.msg_iovlen);
  all.writeBigUInt64LE(base + BigInt(CMSG), msghdr.msg_control);
  all.writeBigUInt64LE(base + BigInt(BYTES), IOVEC + iovec.iov_base);
  all.writeBigUInt64LE(BigInt(size), IOVEC + iovec.iov_len);
  return all;
}

/**
 * Sends bytes, with a descriptor if one is given. A closed peer is an error, not a signal.
 * @param flags MSG_* of send(2)
 * @returns the number of bytes sent, or -errno
 */
export function sendWithFd(socket: number, bytes: Buffer, fd: number | undefined, flags = 0): number {
  const message = header(bytes.length);
  bytes.copy(message, BYTES);
  if (fd !== undefined) {
    message.writeBigUInt64LE(CMSG_LEN, msghdr.msg_controllen);
    message.writeBigUInt64LE(CMSG_LEN, CMSG + cmsghdr.cmsg_len);
    message.writeInt32LE(SOL_SOCKET, CMSG + cmsghdr.cmsg_level);
    message.writeInt32LE(SCM_RIGHTS, CMSG + cmsghdr.cmsg_type);
    message.writeInt32LE(fd, DESCRIPTOR);
  }
  return sysRaw('sendmsg', socket, message, MSG_NOSIGNAL | flags);
}

/**
 * Receives at most `size` bytes with at most one descriptor; the kernel discards further descriptors.
 * @param flags MSG_* of recv(2)
 * @returns the message, or -errno
 */
export function receiveWithFd(socket: number, size: number, flags = 0): ReceivedMessage | number {
  const message = header(size);
  message.writeBigUInt64LE(CMSG_LEN, msghdr.msg_controllen);
  const got = sysRaw('recvmsg', socket, message, MSG_CMSG_CLOEXEC | flags);
  if (got < 0) return got;
  // The kernel sets msg_controllen to the bytes that it has filled.
  const came =
    message.readBigUInt64LE(msghdr.msg_controllen) >= CMSG_LEN &&
    message.readInt32LE(CMSG + cmsghdr.cmsg_level) === SOL_SOCKET &&
    message.readInt32LE(CMSG + cmsghdr.cmsg_type) === SCM_RIGHTS;
  return {
    bytes: message.subarray(BYTES, BYTES + got),
    fd: came ? message.readInt32LE(DESCRIPTOR) : undefined,
  };
}
