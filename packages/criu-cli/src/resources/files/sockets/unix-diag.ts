// All Unix sockets of the network namespace and how they hang together (sock_diag(7), UNIX_DIAG_*).
import { close, SysError, sys, sysRaw } from '@criu/native';
import { AF, SOCK } from './options.js';

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const SHOW = 0x01 | 0x02 | 0x04 | 0x08 | 0x10; // name, vfs, peer, icons, rqlen
const ATTR = { NAME: 0, VFS: 1, PEER: 2, ICONS: 3, RQLEN: 4, SHUTDOWN: 6 } as const;
const SOCK_CLOEXEC = 0o2000000;

export interface UnixSocket {
  readonly ino: number;
  readonly type: number;
  readonly state: number;
  /** As it was bound: a path, or a name that begins with a zero byte; empty if it was not. */
  name: Buffer;
  peer: number;
  /** Inodes of connections that wait for accept(2). */
  icons: number[];
  /** Bytes to be read, and of what was sent and not read by the peer; of a listening one its queue and backlog. */
  readQueue: number;
  writeQueue: number;
  /** Bit 0: receiving is shut down, bit 1: sending. */
  shutdown: number;
}

function parseSocket(message: Buffer): UnixSocket {
  const socket: UnixSocket = {
    type: message[1]!,
    state: message[2]!,
    ino: message.readUInt32LE(4),
    name: Buffer.alloc(0),
    peer: 0,
    icons: [],
    readQueue: 0,
    writeQueue: 0,
    shutdown: 0,
  };
  for (let at = 16; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4) break;
    const value = message.subarray(at + 4, at + length);
    switch (message.readUInt16LE(at + 2)) {
      case ATTR.NAME:
        socket.name = Buffer.from(value);
        break;
      case ATTR.PEER:
        socket.peer = value.readUInt32LE(0);
        break;
      case ATTR.ICONS:
        for (let i = 0; i + 4 <= value.length; i += 4) socket.icons.push(value.readUInt32LE(i));
        break;
      case ATTR.RQLEN:
        socket.readQueue = value.readUInt32LE(0);
        socket.writeQueue = value.readUInt32LE(4);
        break;
      case ATTR.SHUTDOWN:
        socket.shutdown = value[0]!;
        break;
    }
    at += (length + 3) & ~3;
  }
  return socket;
}

/** Asks the kernel for all of them, by inode. @throws SysError */
export function readUnixSockets(): Map<number, UnixSocket> {
  const sockets = new Map<number, UnixSocket>();
  const fd = sys('socket', AF.NETLINK, SOCK.RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  try {
    const request = Buffer.alloc(40);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    request[16] = AF.UNIX;
    request.writeUInt32LE(0xffffffff, 20); // states
    request.writeUInt32LE(SHOW, 28);
    sys('sendto', fd, request, request.length, 0, null, 0);
    const answer = Buffer.alloc(64 << 10);
    for (;;) {
      const n = sysRaw('recvfrom', fd, answer, answer.length, 0, null, null);
      if (n < 0) throw new SysError('recvfrom', -n, 'sock_diag');
      for (let at = 0; at + 16 <= n; ) {
        const length = answer.readUInt32LE(at);
        const type = answer.readUInt16LE(at + 4);
        if (type === NLMSG_DONE) return sockets;
        if (type === NLMSG_ERROR) throw new SysError('sock_diag', -answer.readInt32LE(at + 16));
        const socket = parseSocket(answer.subarray(at + 16, at + length));
        sockets.set(socket.ino, socket);
        at += (length + 3) & ~3;
      }
    }
  } finally {
    close(fd);
  }
}
