// Dumps internet sockets: unconnected tcp(7), udp(7), raw(7) and icmp(7), with address, options and, for listening
// ones, backlog.
import type { Encodable, InetSkEntry, IpOptsEntry, TcpOptsEntry } from '@criu/images';
import { decodeCString, SysError, sysRaw, tryIoctlInt } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  ENOTCONN,
  FIONREAD,
  IFNAMSIZ,
  IP_FREEBIND,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  IPV6_FREEBIND,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  MSG_DONTWAIT,
  MSG_MORE,
  POLLRDHUP,
  pollfd,
  S_IFSOCK,
  SO_BINDTODEVICE,
  SO_PEERNAME,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  TCP_CLOSE,
  TCP_CORK,
  TCP_ESTABLISHED,
  TCP_INFO,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LISTEN,
  TCP_NODELAY,
  tcp_info,
  UDP_ENCAP,
  UDP_ENCAP_ESPINUDP,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { stateKey } from '../../../states.js';
import { type Namespace, namespaceOf } from '../../../views/namespaces.js';
import { networkOf } from '../../../views/networks.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { type Listed, shutdowns } from '../sockets/diag.js';
import { hasUrgent } from '../sockets/look.js';
import { knows, option, optionBytes } from '../sockets/options.js';
import { optionsEntry } from '../sockets/read-options.js';
import { addressIn, addressLayout, wordsOfAddress } from './address.js';
import { dumpConnection } from './connection-dump.js';
import { dumpDatagrams } from './datagrams-dump.js';
import { refuseNotices, untoldError } from './errors-dump.js';
import { memberships } from './multicast.js';
import { connectionOf, rawOptions } from './raw-dump.js';
import { refuseUnkept } from './unkept.js';

const SHUT_READ = 1;
/** Nothing is sent (include/linux/socket.h of the kernel). */
const MSG_PROBE = 0x10;

interface Address {
  readonly port: number;
  readonly words: number[];
}

function refuse(file: OpenFile, reason: string, remedy?: string): never {
  throw new CriuError('UNSUPPORTED', `internet socket: ${reason}`, { pid: file.pid, fd: file.fd }, remedy);
}

function addressBytes({ words }: Address): Buffer {
  return Buffer.from(Uint32Array.from(words).buffer);
}

function addressOf(bytes: Buffer, family: number): Address {
  return {
    port: bytes.readUInt16BE(addressLayout(family).port),
    words: wordsOfAddress(addressIn(family, bytes)),
  };
}

/** Own address in the form of images: the port, and one or four words in host byte order. */
function ownAddress(fd: number, family: number): Address {
  const bytes = Buffer.alloc(addressLayout(AF_INET6).sizeof);
  const result = sysRaw('getsockname', fd, bytes, new Uint32Array([bytes.length]));
  if (result < 0) throw new SysError('getsockname', -result);
  return addressOf(bytes, family);
}

/** Address of the peer, also for a closed connection, for which getpeername(2) fails. */
function peerAddress(fd: number, family: number): Address {
  const bytes = Buffer.alloc(addressLayout(family).sizeof);
  const result = sysRaw('getsockopt', fd, SOL_SOCKET, SO_PEERNAME, bytes, new Uint32Array([bytes.length]));
  if (result < 0 && result !== -ENOTCONN) throw new SysError('getsockopt', -result, 'SO_PEERNAME');
  return addressOf(bytes, family);
}

/** An option; 0 for one that a socket does not have: those of MPTCP have fewer. */
function optionIfKnown(fd: number, name: number, level: number): number {
  return knows(fd, name, level) ? option(fd, name, level) : 0;
}

function ipOptions(fd: number, { family, mptcp }: Kind): Encodable<IpOptsEntry> {
  const read = mptcp ? optionIfKnown : option;
  const flag = (level: number, name: number) => read(fd, name, level) !== 0;
  const v6 = family === AF_INET6;
  const freebind = v6 ? flag(SOL_IPV6, IPV6_FREEBIND) : flag(SOL_IP, IP_FREEBIND);
  const pktinfo = v6 ? flag(SOL_IPV6, IPV6_RECVPKTINFO) : flag(SOL_IP, IP_PKTINFO);
  const tos = v6 ? 0 : read(fd, IP_TOS, SOL_IP);
  const ttl = v6 ? 0 : read(fd, IP_TTL, SOL_IP);
  return {
    ...(freebind ? { freebind } : {}),
    ...(pktinfo ? { pktinfo } : {}),
    ...(tos ? { tos } : {}),
    ...(ttl ? { ttl } : {}),
  };
}

function tcpOptions(fd: number, { mptcp }: Kind): Encodable<TcpOptsEntry> {
  const read = mptcp ? optionIfKnown : option;
  const value = (name: number) => read(fd, name, SOL_TCP);
  const [cork, nodelay] = [value(TCP_CORK) !== 0, value(TCP_NODELAY) !== 0];
  const [keepcnt, keepidle, keepintvl] = [value(TCP_KEEPCNT), value(TCP_KEEPIDLE), value(TCP_KEEPINTVL)];
  return {
    ...(cork ? { cork } : {}),
    ...(nodelay ? { nodelay } : {}),
    ...(keepcnt ? { keepcnt } : {}),
    ...(keepidle ? { keepidle } : {}),
    ...(keepintvl ? { keepintvl } : {}),
  };
}

/** Whether receiving is shut down on an unconnected TCP socket. No list of the kernel shows it, but poll(2) does. */
function isShut(fd: number): boolean {
  const poll = Buffer.alloc(pollfd.sizeof);
  poll.writeInt32LE(fd, pollfd.fd);
  poll.writeUInt16LE(POLLRDHUP, pollfd.events);
  sysRaw('poll', poll, 1, 0);
  return (poll.readUInt16LE(pollfd.revents) & POLLRDHUP) !== 0;
}

/** State and backlog of a TCP socket (TCP_INFO). */
function tcpState(ctx: DumpContext, file: OpenFile, { mptcp }: Kind): { state: number; backlog: number } {
  const info = optionBytes(file.local, SOL_TCP, TCP_INFO, tcp_info.sizeof);
  const state = info.readUInt8(tcp_info.tcpi_state);
  if (state === TCP_CLOSE) return { state, backlog: 0 };
  if (state === TCP_LISTEN) {
    const waiting = info.readUInt32LE(tcp_info.tcpi_unacked);
    if (waiting !== 0 && !ctx.options.skipInFlight)
      refuse(
        file,
        `${waiting} connections wait to be accepted`,
        'let the program accept them first, or lose them with --skip-in-flight',
      );
    return { state, backlog: info.readUInt32LE(tcp_info.tcpi_sacked) };
  }
  if (mptcp)
    refuse(
      file,
      'it is a connection of MPTCP, whose state cannot be read',
      'have the program use plain TCP (Go: GODEBUG=multipathtcp=0), or close the connection before the dump',
    );
  if (ctx.options.tcpClose || ctx.options.tcpEstablished) return { state, backlog: 0 };
  return refuse(
    file,
    'it is a TCP connection',
    'allow it with --tcp-established, or close it with --tcp-close',
  );
}

const shutdownLists = stateKey(
  'directions of datagram sockets',
  (_: DumpContext) => new Map<string, Listed<number>>(),
);

/** The directions in which a bound datagram socket is shut down. */
function shutdownOf(ctx: DumpContext, family: number, protocol: number, inode: number): number {
  const known = ctx.states.get(shutdownLists);
  const key = `${family}:${protocol}`;
  const list = known.get(key) ?? shutdowns(ctx, family, protocol);
  known.set(key, list);
  return list.all.get(inode) ?? 0;
}

interface Kind {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly tcp: boolean;
  /** A socket of TCP, too, that is not connected: the protocol of MPTCP. */
  readonly mptcp: boolean;
  readonly udp: boolean;
  readonly raw: boolean;
  /** An ICMP datagram socket ("ping socket"). */
  readonly icmp: boolean;
}

/**
 * Whether a UDP socket holds back a part of a datagram (UDP_CORK, MSG_MORE), which no option tells. More of it is sent: nothing, which
 * changes nothing (MSG_PROBE), to port 0, which only what belongs to a datagram that was begun may have as its destination.
 */
function holdsBack(fd: number, family: number): boolean {
  const nowhere = Buffer.alloc(addressLayout(family).sizeof);
  nowhere.writeUInt16LE(family, 0);
  const flags = MSG_PROBE | MSG_MORE | MSG_DONTWAIT;
  return sysRaw('sendto', fd, Buffer.alloc(1), 0, flags, nowhere, nowhere.length) === 0;
}

/** @throws CriuError for a datagram that is incomplete, and for tunnels */
function checkUdp(file: OpenFile): void {
  const fd = file.local;
  if (holdsBack(fd, file.socket.family))
    refuse(
      file,
      'a part of a datagram is held back (UDP_CORK, MSG_MORE)',
      'let the program send the rest first',
    );
  const encapsulation = option(fd, UDP_ENCAP, IPPROTO_UDP);
  if (encapsulation > UDP_ENCAP_ESPINUDP)
    refuse(file, `the kernel has made a tunnel of it (UDP_ENCAP ${encapsulation})`);
}

/** @throws CriuError for a kind of socket that cannot be dumped */
function kindOf(file: OpenFile): Kind {
  const { family, type, protocol: proto } = file.socket;
  const datagram = type === SOCK_DGRAM;
  const kind = {
    family,
    type,
    proto,
    tcp: type === SOCK_STREAM && (proto === IPPROTO_TCP || proto === IPPROTO_MPTCP),
    mptcp: proto === IPPROTO_MPTCP,
    udp: datagram && (proto === IPPROTO_UDP || proto === IPPROTO_UDPLITE),
    raw: type === SOCK_RAW,
    icmp: datagram && proto === (family === AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP),
  };
  if (!kind.tcp && !kind.udp && !kind.raw && !kind.icmp)
    refuse(file, `type ${type} with protocol ${proto} cannot be dumped`);
  if (kind.udp) checkUdp(file);
  return kind;
}

/** Warns that received datagrams will be lost. */
function warnOfQueue(ctx: DumpContext, file: OpenFile): void {
  if (tryIoctlInt(file.local, FIONREAD))
    ctx.log.warn(`task ${file.pid}, fd ${file.fd}: datagrams that were received and not read are dropped`);
}

/** The device of a link-local address. */
function scopeOf(file: OpenFile, { family }: Kind, own: Address): string | undefined {
  const [first = 0] = own.words;
  if (family !== AF_INET6 || !own.port || (first & 0xc0ff) !== 0x80fe) return undefined;
  const name = decodeCString(optionBytes(file.local, SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ));
  return name || refuse(file, 'it is bound to a link-local address without a device');
}

/** State, backlog and peer of a socket. */
function statusOf(
  ctx: DumpContext,
  file: OpenFile,
  kind: Kind,
  network: Namespace,
): { state: number; backlog: number; peer: Address } {
  const { family, type } = kind;
  const peer = peerAddress(file.local, family);
  if (kind.tcp) return { ...tcpState(ctx, file, kind), peer };
  if (!kind.udp) warnOfQueue(ctx, file);
  if (kind.udp) return { state: peer.port ? TCP_ESTABLISHED : TCP_CLOSE, backlog: 0, peer };
  const { state, words } = connectionOf(ctx, file, network, family, type);
  return { state, backlog: 0, peer: { port: peer.port, words: words ? [...words] : peer.words } };
}

function entry(ctx: DumpContext, task: LiveTask, file: OpenFile, id: number): Encodable<InetSkEntry> {
  const fd = file.local;
  const kind = kindOf(file);
  const { family, type, tcp, mptcp, udp, raw } = kind;
  const proto = mptcp ? IPPROTO_TCP : kind.proto;
  const own = ownAddress(fd, family);
  const ifname = scopeOf(file, kind, own);
  const network = networkOf(ctx, task, file.local, file.socket.netns);
  const { state, backlog, peer } = statusOf(ctx, file, kind, network);
  // A connection that is restored closed needs no keys.
  if (tcp && !mptcp && own.port && !(peer.port && ctx.options.tcpClose))
    refuseUnkept(ctx, file, network, family, {
      localPort: own.port,
      remotePort: peer.port,
      local: addressBytes(own),
      remote: addressBytes(peer),
    });
  const error = tcp ? undefined : untoldError(file, family, udp && peer.port !== 0);
  if (udp) dumpDatagrams(ctx, task, file, id, family);
  let shutdown = udp && own.port ? shutdownOf(ctx, family, proto, Number(file.stat.ino)) : 0;
  if (tcp && state === TCP_CLOSE && isShut(fd)) shutdown = SHUT_READ;
  // A socket that is neither bound nor connected is not listed by the kernel. CRIU's images then do not name its
  // namespace, which means that of the root task.
  const known = tcp ? state !== TCP_CLOSE : own.port !== 0 && !kind.icmp;
  const named = known || network !== namespaceOf(ctx, ctx.root, 'net');
  return {
    id,
    ino: Number(file.stat.ino),
    family,
    type,
    proto,
    state,
    src_port: own.port,
    dst_port: peer.port,
    flags: file.flags,
    backlog,
    src_addr: own.words,
    dst_addr: peer.words,
    fown: file.fown,
    opts: optionsEntry(ctx, file, tcp && peer.port !== 0),
    ...(family === AF_INET6 ? { v6only: option(fd, IPV6_V6ONLY, SOL_IPV6) !== 0 } : {}),
    ip_opts: { ...ipOptions(fd, kind), ...(raw ? { raw: rawOptions(fd, family, proto) } : {}) },
    ...(ifname === undefined ? {} : { ifname }),
    ...(named ? { ns_id: network.id } : {}),
    ...(shutdown ? { shutdown } : {}),
    tcp_opts: tcp ? tcpOptions(fd, kind) : {},
    memberships: memberships(ctx, file, network, family, type),
    ...(error === undefined ? {} : { error }),
    ...(mptcp ? { mptcp } : {}),
  };
}

function connected(ctx: DumpContext, task: LiveTask, file: OpenFile, isk: Encodable<InetSkEntry>) {
  if (isk.state !== TCP_CLOSE) refuseNotices(file);
  if (hasUrgent(file.local))
    refuse(
      file,
      'urgent data (MSG_OOB) waits in a TCP connection, and cannot be put there again',
      'let the program receive it before the dump',
    );
  return dumpConnection(ctx, task, file, isk);
}

export const inetDump: FileDump = {
  matches(file) {
    return file.mode === S_IFSOCK && (file.socket.family === AF_INET || file.socket.family === AF_INET6);
  },
  dump: (ctx, task, file, id) => {
    const isk = entry(ctx, task, file, id);
    const connection = isk.type === SOCK_STREAM && isk.dst_port !== 0;
    if (!connection || ctx.options.tcpClose) return { isk };
    return { isk: ctx.ifStopped(() => connected(ctx, task, file, isk), isk) };
  },
};
