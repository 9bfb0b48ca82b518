// sock_diag(7): the sockets of a network namespace by family.
import {
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  INET_DIAG_NOCOOKIE,
  INET_DIAG_SHUTDOWN,
  inet_diag_msg,
  inet_diag_req_v2,
  NDIAG_PROTO_ALL,
  netlink_diag_msg,
  netlink_diag_req,
  PACKET_DIAG_FANOUT,
  PACKET_DIAG_INFO,
  PACKET_DIAG_MCLIST,
  PACKET_DIAG_RX_RING,
  PACKET_DIAG_TX_RING,
  PACKET_SHOW_FANOUT,
  PACKET_SHOW_INFO,
  PACKET_SHOW_MCLIST,
  PACKET_SHOW_RING_CFG,
  PDI_AUXDATA,
  PDI_LOSS,
  PDI_ORIGDEV,
  PDI_VNETHDR,
  packet_diag_info,
  packet_diag_mclist,
  packet_diag_msg,
  packet_diag_req,
  packet_diag_ring,
  SOCK_DESTROY,
  SOCK_DIAG_BY_FAMILY,
  UDIAG_SHOW_ICONS,
  UDIAG_SHOW_NAME,
  UDIAG_SHOW_PEER,
  UDIAG_SHOW_RQLEN,
  UDIAG_SHOW_VFS,
  UNIX_DIAG_ICONS,
  UNIX_DIAG_NAME,
  UNIX_DIAG_PEER,
  UNIX_DIAG_RQLEN,
  UNIX_DIAG_SHUTDOWN,
  unix_diag_msg,
  unix_diag_req,
  unix_diag_rqlen,
} from '../uapi.generated.js';
import { Attributes, align, eachAttribute } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import type { Message, ReceivedMessage } from './message.js';
import type { NetlinkSocket } from './socket.js';

const ALL_STATES = 0xffffffff;

/** A request for the sockets of a family; `request` is one of the structures *_diag_req. */
export function diagMessage(request: Uint8Array): Message {
  return { type: SOCK_DIAG_BY_FAMILY, flags: 0, body: request };
}

function parts({ body }: ReceivedMessage, header: number, what: string): [Buffer, Attributes] {
  if (body.length < header) throw new NetlinkFormatError(what, `${body.length} bytes are too few`);
  return [body.subarray(0, header), Attributes.parse(body.subarray(align(header)), what)];
}

// ---- TCP, UDP, raw (<linux/inet_diag.h>) ---------------------------------------------------------------------------

/** Addresses are four or sixteen bytes in network byte order. */
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
  /** Index of the device to which the socket is bound, 0 without one. */
  readonly ifindex: number;
  /**
   * Connected: bytes to read, and bytes not acknowledged by the peer. Listening: connections to accept, and the
   * backlog.
   */
  readonly readQueue: number;
  readonly writeQueue: number;
  /** Bit 0: receiving is shut down; bit 1: sending is shut down. */
  readonly shutdown: number;
  readonly attributes: Attributes;
}

/**
 * struct inet_diag_req_v2. `more`: an attribute (INET_DIAG_*) to request. MD5 keys need INET_DIAG_INFO and
 * CAP_NET_ADMIN.
 */
export function inetDiagRequest(family: number, protocol: number, ends?: InetEnds, more?: number): Buffer {
  const request = Buffer.alloc(inet_diag_req_v2.sizeof);
  request[inet_diag_req_v2.sdiag_family] = family;
  request[inet_diag_req_v2.sdiag_protocol] = protocol;
  if (more !== undefined) request[inet_diag_req_v2.idiag_ext] = 1 << (more - 1);
  request.writeUInt32LE(ALL_STATES, inet_diag_req_v2.idiag_states);
  if (ends) {
    request.writeUInt16BE(ends.localPort, inet_diag_req_v2.idiag_sport);
    request.writeUInt16BE(ends.remotePort, inet_diag_req_v2.idiag_dport);
    request.set(ends.local, inet_diag_req_v2.idiag_src);
    request.set(ends.remote, inet_diag_req_v2.idiag_dst);
    request.writeUInt32LE(INET_DIAG_NOCOOKIE, inet_diag_req_v2.idiag_cookie);
    request.writeUInt32LE(INET_DIAG_NOCOOKIE, inet_diag_req_v2.idiag_cookie + 4);
  }
  return request;
}

function decodeInet(message: ReceivedMessage): InetSocket {
  const [head, attributes] = parts(message, inet_diag_msg.sizeof, 'internet socket');
  const family = head.readUInt8(inet_diag_msg.idiag_family);
  const size = family === AF_INET6 ? 16 : 4;
  return {
    family,
    state: head.readUInt8(inet_diag_msg.idiag_state),
    localPort: head.readUInt16BE(inet_diag_msg.idiag_sport),
    remotePort: head.readUInt16BE(inet_diag_msg.idiag_dport),
    local: head.subarray(inet_diag_msg.idiag_src, inet_diag_msg.idiag_src + size),
    remote: head.subarray(inet_diag_msg.idiag_dst, inet_diag_msg.idiag_dst + size),
    ifindex: head.readUInt32LE(inet_diag_msg.idiag_if),
    readQueue: head.readUInt32LE(inet_diag_msg.idiag_rqueue),
    writeQueue: head.readUInt32LE(inet_diag_msg.idiag_wqueue),
    uid: head.readUInt32LE(inet_diag_msg.idiag_uid),
    inode: head.readUInt32LE(inet_diag_msg.idiag_inode),
    shutdown: attributes.u8(INET_DIAG_SHUTDOWN) ?? 0,
    attributes,
  };
}

/** All bound or connected sockets of a protocol. @throws NetlinkError */
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
 * Destroys a socket, as `ss --kill` does. Used for the remains of a closed connection, which no descriptor refers to.
 * @throws NetlinkError ENOENT if it does not exist, EOPNOTSUPP if the kernel lacks CONFIG_INET_DIAG_DESTROY
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

/** The socket with these addresses and ports. @throws NetlinkError ENOENT */
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

const UNIX_SHOW = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN;

export interface UnixSocket {
  readonly ino: number;
  readonly type: number;
  readonly state: number;
  /** The bound address: a path, or a name that begins with a zero byte (abstract); empty if unbound. */
  readonly name: Buffer;
  /** Inode of the connected socket, 0 without one. */
  readonly peer: number;
  /** Inodes of connections that wait for accept(2). */
  readonly icons: readonly number[];
  /** Bytes to read, and bytes sent but not yet read by the peer. Listening: length of the queue, and the backlog. */
  readonly readQueue: number;
  readonly writeQueue: number;
  /** Bit 0: receiving is shut down; bit 1: sending is shut down. */
  readonly shutdown: number;
}

/** Reads the attributes without an {@link Attributes} object, since there may be thousands of sockets. */
function decodeUnix({ body }: ReceivedMessage): UnixSocket {
  if (body.length < unix_diag_msg.sizeof)
    throw new NetlinkFormatError('Unix socket', `${body.length} bytes are too few`);
  const socket = {
    type: body.readUInt8(unix_diag_msg.udiag_type),
    state: body.readUInt8(unix_diag_msg.udiag_state),
    ino: body.readUInt32LE(unix_diag_msg.udiag_ino),
    name: NO_NAME,
    peer: 0,
    icons: NO_CLIENTS,
    readQueue: 0,
    writeQueue: 0,
    shutdown: 0,
  };
  eachAttribute(body, align(unix_diag_msg.sizeof), 'Unix socket', (type, from, to) => {
    const size = to - from;
    if (type === UNIX_DIAG_NAME) socket.name = Buffer.from(body.subarray(from, to));
    else if (type === UNIX_DIAG_PEER) {
      checkSize(type, size, 4);
      socket.peer = body.readUInt32LE(from);
    } else if (type === UNIX_DIAG_SHUTDOWN) {
      checkSize(type, size, 1);
      socket.shutdown = body.readUInt8(from);
    } else if (type === UNIX_DIAG_RQLEN) {
      checkSize(type, size, unix_diag_rqlen.sizeof);
      socket.readQueue = body.readUInt32LE(from + unix_diag_rqlen.udiag_rqueue);
      socket.writeQueue = body.readUInt32LE(from + unix_diag_rqlen.udiag_wqueue);
    } else if (type === UNIX_DIAG_ICONS) {
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
  const request = Buffer.alloc(unix_diag_req.sizeof);
  request[unix_diag_req.sdiag_family] = AF_UNIX;
  request.writeUInt32LE(ALL_STATES, unix_diag_req.udiag_states);
  request.writeUInt32LE(UNIX_SHOW, unix_diag_req.udiag_show);
  return request;
}

/** All Unix sockets. @throws NetlinkError */
export function listUnixSockets(socket: NetlinkSocket): UnixSocket[] {
  return socket.dump(diagMessage(unixDiagRequest()), 'list Unix sockets').map(decodeUnix);
}

// ---- packet (<linux/packet_diag.h>) --------------------------------------------------------------------------------

const PACKET_SHOW = PACKET_SHOW_INFO | PACKET_SHOW_MCLIST | PACKET_SHOW_RING_CFG | PACKET_SHOW_FANOUT;

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
  /** In network byte order, as in socket(2). */
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

/** The content of an attribute that is a structure of at least `size` bytes. */
function structure(attributes: Attributes, type: number, size: number): Buffer | undefined {
  const content = attributes.bytes(type);
  if (content && content.length < size)
    throw new NetlinkFormatError('packet socket', `attribute ${type} has ${content.length} bytes`);
  return content;
}

function ring(attributes: Attributes, type: number): PacketRing | undefined {
  const content = structure(attributes, type, packet_diag_ring.sizeof);
  return (
    content && {
      block_size: content.readUInt32LE(packet_diag_ring.pdr_block_size),
      block_nr: content.readUInt32LE(packet_diag_ring.pdr_block_nr),
      frame_size: content.readUInt32LE(packet_diag_ring.pdr_frame_size),
      frame_nr: content.readUInt32LE(packet_diag_ring.pdr_frame_nr),
      retire_tmo: content.readUInt32LE(packet_diag_ring.pdr_retire_tmo),
      sizeof_priv: content.readUInt32LE(packet_diag_ring.pdr_sizeof_priv),
      features: content.readUInt32LE(packet_diag_ring.pdr_features),
    }
  );
}

function memberships(value: Buffer | undefined): PacketMembership[] {
  const all: PacketMembership[] = [];
  const { sizeof, pdmc_addr, pdmc_addr_end } = packet_diag_mclist;
  for (let at = 0; value && at + sizeof <= value.length; at += sizeof) {
    const length = Math.min(value.readUInt16LE(at + packet_diag_mclist.pdmc_alen), pdmc_addr_end - pdmc_addr);
    all.push({
      index: value.readUInt32LE(at + packet_diag_mclist.pdmc_index),
      count: value.readUInt32LE(at + packet_diag_mclist.pdmc_count),
      type: value.readUInt16LE(at + packet_diag_mclist.pdmc_type),
      addr: Buffer.from(value.subarray(at + pdmc_addr, at + pdmc_addr + length)),
    });
  }
  return all;
}

function decodePacket(message: ReceivedMessage): PacketSocket {
  const [head, attributes] = parts(message, packet_diag_msg.sizeof, 'packet socket');
  const info =
    structure(attributes, PACKET_DIAG_INFO, packet_diag_info.sizeof) ?? Buffer.alloc(packet_diag_info.sizeof);
  const flags = info.readUInt32LE(packet_diag_info.pdi_flags);
  const rx = ring(attributes, PACKET_DIAG_RX_RING);
  const tx = ring(attributes, PACKET_DIAG_TX_RING);
  const fanout = attributes.u32(PACKET_DIAG_FANOUT);
  return {
    type: head.readUInt8(packet_diag_msg.pdiag_type),
    protocol: head.readUInt16BE(packet_diag_msg.pdiag_num),
    ino: head.readUInt32LE(packet_diag_msg.pdiag_ino),
    ifindex: info.readUInt32LE(packet_diag_info.pdi_index),
    version: info.readUInt32LE(packet_diag_info.pdi_version),
    reserve: info.readUInt32LE(packet_diag_info.pdi_reserve),
    copyThresh: info.readUInt32LE(packet_diag_info.pdi_copy_thresh),
    timestamp: info.readUInt32LE(packet_diag_info.pdi_tstamp),
    auxData: (flags & PDI_AUXDATA) !== 0,
    origDev: (flags & PDI_ORIGDEV) !== 0,
    vnetHdr: (flags & PDI_VNETHDR) !== 0,
    loss: (flags & PDI_LOSS) !== 0,
    memberships: memberships(attributes.bytes(PACKET_DIAG_MCLIST)),
    ...(rx ? { rx } : {}),
    ...(tx ? { tx } : {}),
    ...(fanout === undefined ? {} : { fanout }),
  };
}

/** struct packet_diag_req. */
export function packetDiagRequest(): Buffer {
  const request = Buffer.alloc(packet_diag_req.sizeof);
  request[packet_diag_req.sdiag_family] = AF_PACKET;
  request.writeUInt32LE(PACKET_SHOW, packet_diag_req.pdiag_show);
  return request;
}

/** All packet sockets. @throws NetlinkError */
export function listPacketSockets(socket: NetlinkSocket): PacketSocket[] {
  return socket.dump(diagMessage(packetDiagRequest()), 'list packet sockets').map(decodePacket);
}

// ---- netlink (<linux/netlink_diag.h>) ------------------------------------------------------------------------------

/** NETLINK_CONNECTED of net/netlink/af_netlink.c, which no public header of the kernel has. */
const CONNECTED = 1;

export interface NetlinkSocketFacts {
  readonly ino: number;
  readonly protocol: number;
  readonly connected: boolean;
}

function decodeNetlink(message: ReceivedMessage): NetlinkSocketFacts {
  const [head] = parts(message, netlink_diag_msg.sizeof, 'netlink socket');
  return {
    protocol: head.readUInt8(netlink_diag_msg.ndiag_protocol),
    connected: head.readUInt8(netlink_diag_msg.ndiag_state) === CONNECTED,
    ino: head.readUInt32LE(netlink_diag_msg.ndiag_ino),
  };
}

/** struct netlink_diag_req. */
export function netlinkDiagRequest(): Buffer {
  const request = Buffer.alloc(netlink_diag_req.sizeof);
  request[netlink_diag_req.sdiag_family] = AF_NETLINK;
  request[netlink_diag_req.sdiag_protocol] = NDIAG_PROTO_ALL;
  return request;
}

/**
 * All netlink sockets with an address or a multicast group.
 * @throws NetlinkError ENOENT if the kernel lacks CONFIG_NETLINK_DIAG
 */
export function listNetlinkSockets(socket: NetlinkSocket): NetlinkSocketFacts[] {
  return socket.dump(diagMessage(netlinkDiagRequest()), 'list netlink sockets').map(decodeNetlink);
}
