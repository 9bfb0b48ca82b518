// All Unix sockets of the network namespace and how they hang together (sock_diag(7), UNIX_DIAG_*).
import { AF } from './options.js';
import { attributes, sockDiag } from './sock-diag.js';

const REQUEST = 24;
const MESSAGE = 16;
const SHOW = 0x01 | 0x02 | 0x04 | 0x08 | 0x10; // name, vfs, peer, icons, rqlen
const ATTR = { NAME: 0, VFS: 1, PEER: 2, ICONS: 3, RQLEN: 4, SHUTDOWN: 6 } as const;

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
  attributes(message, MESSAGE, (type, value) => {
    switch (type) {
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
  });
  return socket;
}

/** Asks the kernel for all of them, by inode. @throws SysError */
export function readUnixSockets(): Map<number, UnixSocket> {
  const sockets = new Map<number, UnixSocket>();
  const request = Buffer.alloc(REQUEST);
  request[0] = AF.UNIX;
  request.writeUInt32LE(0xffffffff, 4); // states
  request.writeUInt32LE(SHOW, 12);
  sockDiag(request, (message) => {
    const socket = parseSocket(message);
    sockets.set(socket.ino, socket);
  });
  return sockets;
}
