// tcp(7) that is not connected, and udp(7): address, options and, for a listening one, its backlog.
import { type Encodable, FdTypes, type InetSkEntry, type IpOptsEntry, type TcpOptsEntry } from '@criu/images';
import { SysError, sysRaw } from '@criu/native';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { FileKind } from '../kind.js';
import { type OpenFile, S_IFSOCK } from '../open-file.js';
import { readShutdowns } from '../sockets/inet-diag.js';
import { AF, option, optionBytes, optionsEntry, SO, SOCK, SOL_SOCKET, STATE } from '../sockets/options.js';
import { dumpConnection } from './connection-dump.js';

const IPPROTO = { TCP: 6, UDP: 17, UDPLITE: 136 } as const;
const SOL = { IP: 0, TCP: 6, UDP: 17, IPV6: 41 } as const;
const TCP = { NODELAY: 1, CORK: 3, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6, INFO: 11 } as const;
const UDP_CORK = 1;
const IP = { TOS: 1, TTL: 2, PKTINFO: 8, FREEBIND: 15 } as const;
const IPV6 = { V6ONLY: 26, RECVPKTINFO: 49, FREEBIND: 78 } as const;
const ENOTCONN = 107;

interface Address {
  readonly port: number;
  readonly words: number[];
}

function refuse(file: OpenFile, reason: string, remedy?: string): never {
  throw new CriuError('UNSUPPORTED', `internet socket: ${reason}`, { pid: file.pid, fd: file.fd }, remedy);
}

/** Own or peer's address as images have it: the port, and one or four words as they are in memory. */
function address(call: 'getsockname' | 'getpeername', fd: number, family: number): Address {
  const bytes = Buffer.alloc(28);
  const length = new Uint32Array([bytes.length]);
  const result = sysRaw(call, fd, bytes, length);
  const count = family === AF.INET6 ? 4 : 1;
  if (result === -ENOTCONN) return { port: 0, words: new Array<number>(count).fill(0) };
  if (result < 0) throw new SysError(call, -result);
  const from = family === AF.INET6 ? 8 : 4;
  return {
    port: bytes.readUInt16BE(2),
    words: Array.from({ length: count }, (_, i) => bytes.readUInt32LE(from + i * 4)),
  };
}

function ipOptions(fd: number, family: number): Encodable<IpOptsEntry> {
  const flag = (level: number, name: number) => option(fd, name, level) !== 0;
  const v6 = family === AF.INET6;
  const freebind = v6 ? flag(SOL.IPV6, IPV6.FREEBIND) : flag(SOL.IP, IP.FREEBIND);
  const pktinfo = v6 ? flag(SOL.IPV6, IPV6.RECVPKTINFO) : flag(SOL.IP, IP.PKTINFO);
  const tos = v6 ? 0 : option(fd, IP.TOS, SOL.IP);
  const ttl = v6 ? 0 : option(fd, IP.TTL, SOL.IP);
  return {
    ...(freebind ? { freebind } : {}),
    ...(pktinfo ? { pktinfo } : {}),
    ...(tos ? { tos } : {}),
    ...(ttl ? { ttl } : {}),
  };
}

function tcpOptions(fd: number): Encodable<TcpOptsEntry> {
  const value = (name: number) => option(fd, name, SOL.TCP);
  const [cork, nodelay] = [value(TCP.CORK) !== 0, value(TCP.NODELAY) !== 0];
  const [keepcnt, keepidle, keepintvl] = [value(TCP.KEEPCNT), value(TCP.KEEPIDLE), value(TCP.KEEPINTVL)];
  return {
    ...(cork ? { cork } : {}),
    ...(nodelay ? { nodelay } : {}),
    ...(keepcnt ? { keepcnt } : {}),
    ...(keepidle ? { keepidle } : {}),
    ...(keepintvl ? { keepintvl } : {}),
  };
}

/** State and backlog of a TCP socket (TCP_INFO). */
function tcpState(ctx: DumpContext, file: OpenFile): { state: number; backlog: number } {
  const info = optionBytes(file.local, SOL.TCP, TCP.INFO, 104);
  const state = info[0]!;
  if (state === STATE.CLOSE) return { state, backlog: 0 };
  if (state === STATE.LISTEN) {
    if (info.readUInt32LE(24) !== 0)
      refuse(file, 'connections wait to be accepted', 'let the program accept them first');
    return { state, backlog: info.readUInt32LE(28) };
  }
  if (ctx.options.tcpClose || ctx.options.tcpEstablished) return { state, backlog: 0 };
  return refuse(
    file,
    'it is a TCP connection',
    'allow it with --tcp-established, or close it with --tcp-close',
  );
}

const shutdowns = new WeakMap<DumpContext, Map<string, Map<number, number>>>();

/** Which directions of a bound datagram socket are shut down. */
function shutdownOf(ctx: DumpContext, family: number, protocol: number, inode: number): number {
  const known = shutdowns.get(ctx) ?? new Map<string, Map<number, number>>();
  shutdowns.set(ctx, known);
  const key = `${family}:${protocol}`;
  const list = known.get(key) ?? readShutdowns(family, protocol);
  known.set(key, list);
  return list.get(inode) ?? 0;
}

function entry(ctx: DumpContext, task: LiveTask, file: OpenFile, id: number): Encodable<InetSkEntry> {
  const fd = file.local;
  const family = option(fd, SO.DOMAIN);
  const type = option(fd, SO.TYPE);
  const proto = option(fd, SO.PROTOCOL);
  const tcp = type === SOCK.STREAM && proto === IPPROTO.TCP;
  const udp = type === SOCK.DGRAM && (proto === IPPROTO.UDP || proto === IPPROTO.UDPLITE);
  if (!tcp && !udp) refuse(file, `type ${type} with protocol ${proto} cannot be dumped`);
  if (udp && option(fd, UDP_CORK, SOL.UDP)) refuse(file, 'a datagram is held back by UDP_CORK');
  const own = address('getsockname', fd, family);
  const peer = address('getpeername', fd, family);
  if (family === AF.INET6 && own.port && (own.words[0]! & 0xc0ff) === 0x80fe) {
    if (!optionBytes(fd, SOL_SOCKET, SO.BINDTODEVICE, 16).some((c) => c !== 0))
      refuse(file, 'it is bound to a link-local address without a device');
  }
  const { state, backlog } = tcp
    ? tcpState(ctx, file)
    : { state: peer.port ? STATE.ESTABLISHED : STATE.CLOSE, backlog: 0 };
  const shutdown = udp && own.port ? shutdownOf(ctx, family, proto, Number(file.stat.ino)) : 0;
  // What is neither bound nor connected is in no table of the kernel's, and in no namespace for the images.
  const known = tcp ? state !== STATE.CLOSE : own.port !== 0;
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
    opts: optionsEntry(fd, family),
    ...(family === AF.INET6 ? { v6only: option(fd, IPV6.V6ONLY, SOL.IPV6) !== 0 } : {}),
    ip_opts: ipOptions(fd, family),
    ...(known ? { ns_id: task.ids.net_ns_id ?? 0 } : {}),
    ...(shutdown ? { shutdown } : {}),
    tcp_opts: tcp ? tcpOptions(fd) : {},
  };
}

export const inet: FileKind = {
  name: 'inet',
  type: FdTypes.INETSK,
  matches(file) {
    if (file.mode !== S_IFSOCK) return false;
    const family = option(file.local, SO.DOMAIN);
    return family === AF.INET || family === AF.INET6;
  },
  dump: (ctx, task, file, id) => {
    const isk = entry(ctx, task, file, id);
    const connection = isk.type === SOCK.STREAM && isk.state !== STATE.LISTEN && isk.state !== STATE.CLOSE;
    const saved = connection && !ctx.options.tcpClose && !ctx.rehearsing;
    return { isk: saved ? dumpConnection(ctx, task, file, isk) : isk };
  },
};
