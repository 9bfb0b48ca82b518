// All packet sockets of the network namespace, by inode (sock_diag(7), PACKET_DIAG_*).
import { close, SysError, sys, sysRaw } from '@criu/native';
import { AF, SOCK } from '../sockets/options.js';

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const SHOW = 0x01 | 0x02 | 0x04 | 0x08; // info, mclist, rings, fanout
const ATTR = { INFO: 0, MCLIST: 1, RX_RING: 2, TX_RING: 3, FANOUT: 4 } as const;
const FLAG = { AUXDATA: 2, ORIGDEV: 4, VNETHDR: 8, LOSS: 16 } as const;
const SOCK_CLOEXEC = 0o2000000;
const MCLIST_BYTES = 44;

export interface PacketRing {
  block_size: number;
  block_nr: number;
  frame_size: number;
  frame_nr: number;
  retire_tmo: number;
  sizeof_priv: number;
  features: number;
}

export interface PacketMembership {
  readonly index: number;
  readonly count: number;
  readonly type: number;
  readonly addr: Buffer;
}

export interface PacketSocket {
  readonly ino: number;
  readonly type: number;
  /** In network byte order, as socket(2) takes it. */
  readonly protocol: number;
  ifindex: number;
  version: number;
  reserve: number;
  copyThresh: number;
  timestamp: number;
  auxData: boolean;
  origDev: boolean;
  vnetHdr: boolean;
  loss: boolean;
  memberships: PacketMembership[];
  rx?: PacketRing;
  tx?: PacketRing;
  fanout?: number;
}

function ring(value: Buffer): PacketRing {
  const [block_size, block_nr, frame_size, frame_nr, retire_tmo, sizeof_priv, features] = Array.from(
    { length: 7 },
    (_, i) => value.readUInt32LE(i * 4),
  ) as [number, number, number, number, number, number, number];
  return { block_size, block_nr, frame_size, frame_nr, retire_tmo, sizeof_priv, features };
}

function memberships(value: Buffer): PacketMembership[] {
  const all: PacketMembership[] = [];
  for (let at = 0; at + MCLIST_BYTES <= value.length; at += MCLIST_BYTES) {
    const length = value.readUInt16LE(at + 10);
    all.push({
      index: value.readUInt32LE(at),
      count: value.readUInt32LE(at + 4),
      type: value.readUInt16LE(at + 8),
      addr: Buffer.from(value.subarray(at + 12, at + 12 + Math.min(length, 32))),
    });
  }
  return all;
}

function parseSocket(message: Buffer): PacketSocket {
  const number = message.readUInt16LE(2);
  const socket: PacketSocket = {
    type: message[1]!,
    protocol: ((number & 0xff) << 8) | (number >> 8),
    ino: message.readUInt32LE(4),
    ifindex: 0,
    version: 0,
    reserve: 0,
    copyThresh: 0,
    timestamp: 0,
    auxData: false,
    origDev: false,
    vnetHdr: false,
    loss: false,
    memberships: [],
  };
  for (let at = 16; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4) break;
    const value = message.subarray(at + 4, at + length);
    switch (message.readUInt16LE(at + 2)) {
      case ATTR.INFO: {
        const flags = value.readUInt32LE(20);
        Object.assign(socket, {
          ifindex: value.readUInt32LE(0),
          version: value.readUInt32LE(4),
          reserve: value.readUInt32LE(8),
          copyThresh: value.readUInt32LE(12),
          timestamp: value.readUInt32LE(16),
          auxData: (flags & FLAG.AUXDATA) !== 0,
          origDev: (flags & FLAG.ORIGDEV) !== 0,
          vnetHdr: (flags & FLAG.VNETHDR) !== 0,
          loss: (flags & FLAG.LOSS) !== 0,
        });
        break;
      }
      case ATTR.MCLIST:
        socket.memberships = memberships(value);
        break;
      case ATTR.RX_RING:
        socket.rx = ring(value);
        break;
      case ATTR.TX_RING:
        socket.tx = ring(value);
        break;
      case ATTR.FANOUT:
        socket.fanout = value.readUInt32LE(0);
        break;
    }
    at += (length + 3) & ~3;
  }
  return socket;
}

/** Asks the kernel for all of them. @throws SysError */
export function readPacketSockets(): Map<number, PacketSocket> {
  const sockets = new Map<number, PacketSocket>();
  const fd = sys('socket', AF.NETLINK, SOCK.RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  try {
    const request = Buffer.alloc(36);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    request[16] = AF.PACKET;
    request.writeUInt32LE(SHOW, 24);
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
