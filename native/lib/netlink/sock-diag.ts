// sock_diag(7): what the kernel knows of the sockets of a network namespace, by family.
import { Attributes, align, eachAttribute } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import type { Message, ReceivedMessage } from './message.js';
import type { NetlinkSocket } from './socket.js';

const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17 } as const;
const ALL_STATES = 0xffffffff;
/** INET_DIAG_NOCOOKIE, in both words. */
const ANY_COOKIE = 0xffffffff;

/** A question for the sockets of a family: one of the structures *_diag_req. */
export function diagMessage(request: Uint8Array): Message {
  return { type: SOCK_DIAG_BY_FAMILY, flags: 0, body: request };
}

function parts({ body }: ReceivedMessage, header: number, what: string): [Buffer, Attributes] {
  if (body.length < header) throw new NetlinkFormatError(what, `${body.length} bytes are too few`);
  return [body.subarray(0, header), Attributes.parse(body.subarray(align(header)), what)];
}

// ---- TCP, UDP, raw (<linux/inet_diag.h>) ---------------------------------------------------------------------------

/** Attributes of an answer. Keys come with the statistics (INFO), and only to those with CAP_NET_ADMIN. */
export const INET_DIAG = { INFO: 2, SHUTDOWN: 8, MD5SIG: 18 } as const;
const INET_REQUEST = 56;
const INET_MESSAGE = 72;

/** Addresses as four or sixteen bytes in network order. */
export interface InetEnds {
  readonly localPort: number;
  readonly remotePort: number;
  readonly local: Buffer;
  readonly remote: Buffer;
}

export interface InetSocket extends InetEnds {
  readonly family: number;
  /** TCP_* of <linux/tcp_states.h>, for all protocols. */
  readonly state: number;
  readonly inode: number;
  readonly uid: number;
  /** Of the device that it is bound to, 0: of none. */
  readonly ifindex: number;
  /** Bytes that wait to be read, or connections to be accepted; and that are not acknowledged, or the backlog. */
  readonly readQueue: number;
  readonly writeQueue: number;
  /** Bit 0: receiving is shut down, bit 1: sending. */
  readonly shutdown: number;
  readonly attributes: Attributes;
}

/** struct inet_diag_req_v2. `more`: an attribute that is only there when it is asked for. */
export function inetDiagRequest(family: number, protocol: number, ends?: InetEnds, more?: number): Buffer {
  const request = Buffer.alloc(INET_REQUEST);
  request[0] = family;
  request[1] = protocol;
  if (more !== undefined) request[2] = 1 << (more - 1);
  request.writeUInt32LE(ALL_STATES, 4);
  if (ends) {
    request.writeUInt16BE(ends.localPort, 8);
    request.writeUInt16BE(ends.remotePort, 10);
    request.set(ends.local, 12);
    request.set(ends.remote, 28);
    request.writeUInt32LE(ANY_COOKIE, 48);
    request.writeUInt32LE(ANY_COOKIE, 52);
  }
  return request;
}

function decodeInet(message: ReceivedMessage): InetSocket {
  const [head, attributes] = parts(message, INET_MESSAGE, 'internet socket');
  const family = head.readUInt8(0);
  const size = family === AF.INET6 ? 16 : 4;
  return {
    family,
    state: head.readUInt8(1),
    localPort: head.readUInt16BE(4),
    remotePort: head.readUInt16BE(6),
    local: head.subarray(8, 8 + size),
    remote: head.subarray(24, 24 + size),
    ifindex: head.readUInt32LE(40),
    readQueue: head.readUInt32LE(56),
    writeQueue: head.readUInt32LE(60),
    uid: head.readUInt32LE(64),
    inode: head.readUInt32LE(68),
    shutdown: attributes.u8(INET_DIAG.SHUTDOWN) ?? 0,
    attributes,
  };
}

/** All sockets of a protocol that the kernel has in its tables: those that are bound or connected. @throws NetlinkError */
export function listInetSockets(
  socket: NetlinkSocket,
  family: number,
  protocol: number,
  more?: number,
): InetSocket[] {
  return socket
    .dump(
      diagMessage(inetDiagRequest(family, protocol, undefined, more)),
      `list sockets of family ${family}, protocol ${protocol}`,
    )
    .map(decodeInet);
}

/**
 * Ends a socket of the kernel's, as `ss --kill` does: what is left of a closed connection needs nobody to close it.
 * @throws NetlinkError ENOENT if it is gone, EOPNOTSUPP if this kernel cannot
 */
export function destroyInetSocket(
  socket: NetlinkSocket,
  family: number,
  protocol: number,
  ends: InetEnds,
): void {
  const request = { type: SOCK_DESTROY, flags: 0, body: inetDiagRequest(family, protocol, ends) };
  socket.request(request, `end a socket of family ${family}, protocol ${protocol}`);
}

/** One of them by its ends. @throws NetlinkError ENOENT */
export function getInetSocket(
  socket: NetlinkSocket,
  family: number,
  protocol: number,
  ends: InetEnds,
  more?: number,
): InetSocket {
  const what = `get a socket of family ${family}, protocol ${protocol}`;
  const [answer] = socket.request(diagMessage(inetDiagRequest(family, protocol, ends, more)), what);
  if (!answer) throw new NetlinkFormatError(what, 'the answer is empty');
  return decodeInet(answer);
}

// ---- Unix (<linux/unix_diag.h>) ------------------------------------------------------------------------------------

const UNIX_DIAG = { NAME: 0, VFS: 1, PEER: 2, ICONS: 3, RQLEN: 4, SHUTDOWN: 6 } as const;
/** UDIAG_SHOW_NAME, _VFS, _PEER, _ICONS, _RQLEN. */
const UNIX_SHOW = 0x01 | 0x02 | 0x04 | 0x08 | 0x10;
const UNIX_REQUEST = 24;
const UNIX_MESSAGE = 16;

export interface UnixSocket {
  readonly ino: number;
  readonly type: number;
  readonly state: number;
  /** As it was bound: a path, or a name that begins with a zero byte; empty if it was not. */
  readonly name: Buffer;
  /** Inode of the socket that it is connected to, 0: of none. */
  readonly peer: number;
  /** Inodes of connections that wait for accept(2). */
  readonly icons: readonly number[];
  /** Bytes to be read, and of what was sent and not read by the peer; of a listening one its queue and backlog. */
  readonly readQueue: number;
  readonly writeQueue: number;
  /** Bit 0: receiving is shut down, bit 1: sending. */
  readonly shutdown: number;
}

/** There may be thousands of them: what is not asked for is not made an object of. */
function decodeUnix({ body }: ReceivedMessage): UnixSocket {
  if (body.length < UNIX_MESSAGE)
    throw new NetlinkFormatError('Unix socket', `${body.length} bytes are too few`);
  const socket = {
    type: body.readUInt8(1),
    state: body.readUInt8(2),
    ino: body.readUInt32LE(4),
    name: NO_NAME,
    peer: 0,
    icons: NO_CLIENTS,
    readQueue: 0,
    writeQueue: 0,
    shutdown: 0,
  };
  eachAttribute(body, align(UNIX_MESSAGE), 'Unix socket', (type, from, to) => {
    const size = to - from;
    if (type === UNIX_DIAG.NAME) socket.name = Buffer.from(body.subarray(from, to));
    else if (type === UNIX_DIAG.PEER) {
      checkSize(type, size, 4);
      socket.peer = body.readUInt32LE(from);
    } else if (type === UNIX_DIAG.SHUTDOWN) {
      checkSize(type, size, 1);
      socket.shutdown = body.readUInt8(from);
    } else if (type === UNIX_DIAG.RQLEN) {
      checkSize(type, size, 8);
      socket.readQueue = body.readUInt32LE(from);
      socket.writeQueue = body.readUInt32LE(from + 4);
    } else if (type === UNIX_DIAG.ICONS) {
      if (size % 4) throw new NetlinkFormatError('Unix socket', 'a list is cut');
      socket.icons = Array.from({ length: size / 4 }, (_, i) => body.readUInt32LE(from + i * 4));
    }
  });
  return socket;
}

const NO_NAME = Buffer.alloc(0);
const NO_CLIENTS: readonly number[] = [];

function checkSize(type: number, size: number, wanted: number): void {
  if (size !== wanted)
    throw new NetlinkFormatError('Unix socket', `attribute ${type} has ${size} bytes, not ${wanted}`);
}

/** struct unix_diag_req. */
export function unixDiagRequest(): Buffer {
  const request = Buffer.alloc(UNIX_REQUEST);
  request[0] = AF.UNIX;
  request.writeUInt32LE(ALL_STATES, 4);
  request.writeUInt32LE(UNIX_SHOW, 12);
  return request;
}

/** All Unix sockets. @throws NetlinkError */
export function listUnixSockets(socket: NetlinkSocket): UnixSocket[] {
  return socket.dump(diagMessage(unixDiagRequest()), 'list Unix sockets').map(decodeUnix);
}

// ---- packet (<linux/packet_diag.h>) --------------------------------------------------------------------------------

const PACKET_DIAG = { INFO: 0, MCLIST: 1, RX_RING: 2, TX_RING: 3, FANOUT: 4 } as const;
/** PACKET_SHOW_INFO, _MCLIST, _RING_CFG, _FANOUT. */
const PACKET_SHOW = 0x01 | 0x02 | 0x04 | 0x08;
const PDI = { AUXDATA: 2, ORIGDEV: 4, VNETHDR: 8, LOSS: 16 } as const;
const PACKET_REQUEST = 20;
const PACKET_MESSAGE = 16;
const MEMBERSHIP = 44;
const MEMBERSHIP_ADDRESS = 32;

/** struct packet_diag_ring. */
export interface PacketRing {
  readonly block_size: number;
  readonly block_nr: number;
  readonly frame_size: number;
  readonly frame_nr: number;
  readonly retire_tmo: number;
  readonly sizeof_priv: number;
  readonly features: number;
}

/** struct packet_diag_mclist. */
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
  readonly ifindex: number;
  readonly version: number;
  readonly reserve: number;
  readonly copyThresh: number;
  readonly timestamp: number;
  readonly auxData: boolean;
  readonly origDev: boolean;
  readonly vnetHdr: boolean;
  readonly loss: boolean;
  readonly memberships: readonly PacketMembership[];
  readonly rx?: PacketRing;
  readonly tx?: PacketRing;
  readonly fanout?: number;
}

function words(attributes: Attributes, type: number, count: number): number[] | undefined {
  const content = attributes.bytes(type);
  if (!content) return undefined;
  if (content.length < count * 4)
    throw new NetlinkFormatError('packet socket', `attribute ${type} has ${content.length} bytes`);
  return Array.from({ length: count }, (_, i) => content.readUInt32LE(i * 4));
}

function ring(attributes: Attributes, type: number): PacketRing | undefined {
  const values = words(attributes, type, 7);
  if (!values) return undefined;
  const [
    block_size = 0,
    block_nr = 0,
    frame_size = 0,
    frame_nr = 0,
    retire_tmo = 0,
    sizeof_priv = 0,
    features = 0,
  ] = values;
  return { block_size, block_nr, frame_size, frame_nr, retire_tmo, sizeof_priv, features };
}

function memberships(value: Buffer | undefined): PacketMembership[] {
  const all: PacketMembership[] = [];
  for (let at = 0; value && at + MEMBERSHIP <= value.length; at += MEMBERSHIP) {
    const length = Math.min(value.readUInt16LE(at + 10), MEMBERSHIP_ADDRESS);
    all.push({
      index: value.readUInt32LE(at),
      count: value.readUInt32LE(at + 4),
      type: value.readUInt16LE(at + 8),
      addr: Buffer.from(value.subarray(at + 12, at + 12 + length)),
    });
  }
  return all;
}

function decodePacket(message: ReceivedMessage): PacketSocket {
  const [head, attributes] = parts(message, PACKET_MESSAGE, 'packet socket');
  const [ifindex = 0, version = 0, reserve = 0, copyThresh = 0, timestamp = 0, flags = 0] =
    words(attributes, PACKET_DIAG.INFO, 6) ?? [];
  const rx = ring(attributes, PACKET_DIAG.RX_RING);
  const tx = ring(attributes, PACKET_DIAG.TX_RING);
  const fanout = attributes.u32(PACKET_DIAG.FANOUT);
  return {
    type: head.readUInt8(1),
    protocol: head.readUInt16BE(2),
    ino: head.readUInt32LE(4),
    ifindex,
    version,
    reserve,
    copyThresh,
    timestamp,
    auxData: (flags & PDI.AUXDATA) !== 0,
    origDev: (flags & PDI.ORIGDEV) !== 0,
    vnetHdr: (flags & PDI.VNETHDR) !== 0,
    loss: (flags & PDI.LOSS) !== 0,
    memberships: memberships(attributes.bytes(PACKET_DIAG.MCLIST)),
    ...(rx ? { rx } : {}),
    ...(tx ? { tx } : {}),
    ...(fanout === undefined ? {} : { fanout }),
  };
}

/** struct packet_diag_req. */
export function packetDiagRequest(): Buffer {
  const request = Buffer.alloc(PACKET_REQUEST);
  request[0] = AF.PACKET;
  request.writeUInt32LE(PACKET_SHOW, 8);
  return request;
}

/** All packet sockets. @throws NetlinkError */
export function listPacketSockets(socket: NetlinkSocket): PacketSocket[] {
  return socket.dump(diagMessage(packetDiagRequest()), 'list packet sockets').map(decodePacket);
}

// ---- netlink (<linux/netlink_diag.h>) ------------------------------------------------------------------------------

const NETLINK_REQUEST = 20;
const NETLINK_MESSAGE = 28;
/** NDIAG_PROTO_ALL. */
const ALL_PROTOCOLS = 255;
/** NETLINK_CONNECTED of the kernel. */
const CONNECTED = 1;

export interface NetlinkSocketFacts {
  readonly ino: number;
  readonly protocol: number;
  readonly connected: boolean;
}

function decodeNetlink(message: ReceivedMessage): NetlinkSocketFacts {
  const [head] = parts(message, NETLINK_MESSAGE, 'netlink socket');
  return {
    protocol: head.readUInt8(2),
    connected: head.readUInt8(3) === CONNECTED,
    ino: head.readUInt32LE(16),
  };
}

/** struct netlink_diag_req. */
export function netlinkDiagRequest(): Buffer {
  const request = Buffer.alloc(NETLINK_REQUEST);
  request[0] = AF.NETLINK;
  request[1] = ALL_PROTOCOLS;
  return request;
}

/** All netlink sockets that have an address or are in a group. @throws NetlinkError ENOENT on kernels that do not tell */
export function listNetlinkSockets(socket: NetlinkSocket): NetlinkSocketFacts[] {
  return socket.dump(diagMessage(netlinkDiagRequest()), 'list netlink sockets').map(decodeNetlink);
}
