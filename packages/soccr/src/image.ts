/// <reference types="node" preserve="true" />
// A saved connection as CRIU's images have it: a tcp-stream image and the inet_sk_entry that belongs to it.
import { networkInterfaces } from 'node:os';
import type { ImageItem, InetSkEntry, SkOptsEntry, TcpStreamEntry } from '@criu/images';
import {
  AF_INET,
  AF_INET6,
  ECONNRESET,
  IPPROTO_TCP,
  O_NONBLOCK,
  O_RDWR,
  SOCK_STREAM,
  SOL_TCP,
  TCP_CONGESTION,
  TCPI_OPT_SACK,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
} from '@criu/native/uapi';
import { addressBytes, addressText, type Endpoint } from './address.js';
import { SoccrError } from './errors.js';

import { intOptions } from './options.js';
import {
  checkState,
  connectionText,
  type RepairWindow,
  SENT_FIN,
  type SocketOptions,
  TCP_STATES,
  type TcpState,
  tcpStateName,
  UNACKED_FIN,
} from './state.js';

const SHUT = { read: 1, write: 2 } as const;

/** Values that only the checkpoint around the connection knows. */
export interface ImageIds {
  /** Numbers of the file entry and of the socket. The latter is in the name of the tcp-stream image. */
  id: number;
  ino: number;
  ns_id?: number;
}

export interface ConnectionImages {
  socket: InetSkEntry;
  stream: ImageItem<TcpStreamEntry> & { payload: Buffer };
}

/** File name of the tcp-stream image for a socket entry. */
export function tcpStreamFile(ino: number): string {
  return `tcp-stream-${ino.toString(16)}.img`;
}

/** An address as 32-bit words in memory: network byte order, read by a little-endian machine. */
function toWords(end: Endpoint, family: 4 | 6): number[] {
  const bytes = Buffer.from(addressBytes(end.address, family));
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

function fromWords(words: readonly number[], family: 4 | 6, field: string): string {
  const count = family === 4 ? 1 : 4;
  if (words.length < count) {
    throw new SoccrError('BAD_STATE', `inet_sk_entry.${field} has ${words.length} words, not ${count}`);
  }
  const bytes = Buffer.alloc(4 * count);
  for (const [i, word] of words.slice(0, count).entries()) bytes.writeUInt32LE(word, 4 * i);
  return addressText(bytes);
}

function interfaceName(scopeId: number): string | undefined {
  const all = Object.entries(networkInterfaces());
  return all.find(([, list]) => list?.some((it) => it.family === 'IPv6' && it.scopeid === scopeId))?.[0];
}

function scopeOf(name: string): number | undefined {
  return networkInterfaces()[name]?.find((it) => it.family === 'IPv6' && it.scopeid)?.scopeid;
}

const fieldless = intOptions.filter((option) => option.fieldless);

/** Options without a field in CRIU's images go into additional fields. */
function toMore(options: SocketOptions): Pick<SkOptsEntry, 'more' | 'more_bytes'> {
  const { congestion } = options;
  return {
    more: fieldless.flatMap(({ name, level, option }) => {
      const value = options[name];
      return value === undefined || value === false ? [] : [level, option, Number(value)];
    }),
    more_bytes: congestion
      ? [{ level: SOL_TCP, name: TCP_CONGESTION, value: Buffer.from(congestion.padEnd(16, '\0')) }]
      : [],
  };
}

function fromMore({ more, more_bytes }: SkOptsEntry): SocketOptions {
  const found: Record<string, unknown> = {};
  for (let i = 0; i + 2 < more.length; i += 3) {
    const known = fieldless.find(({ level, option }) => level === more[i] && option === more[i + 1]);
    if (known) found[known.name] = known.kind === 'bool' ? more[i + 2] !== 0 : more[i + 2];
  }
  const congestion = more_bytes.find(({ level, name }) => level === SOL_TCP && name === TCP_CONGESTION);
  if (congestion)
    found['congestion'] = Buffer.from(congestion.value).toString('latin1').replace(/\0.*$/s, '');
  return found as SocketOptions;
}

function toOpts(options: SocketOptions): SkOptsEntry {
  const time = (us = 0) => [BigInt(Math.floor(us / 1e6)), BigInt(us % 1e6)] as const;
  const send = time(options.sendTimeoutUs);
  const receive = time(options.receiveTimeoutUs);
  return {
    so_sndbuf: options.sendBuffer ?? 0,
    so_rcvbuf: options.receiveBuffer ?? 0,
    so_snd_tmo_sec: send[0],
    so_snd_tmo_usec: send[1],
    so_rcv_tmo_sec: receive[0],
    so_rcv_tmo_usec: receive[1],
    reuseaddr: options.reuseAddress ?? false,
    so_priority: options.priority ?? 0,
    so_rcvlowat: options.receiveLowat ?? 1,
    ...(options.mark ? { so_mark: options.mark } : {}),
    so_dontroute: options.dontRoute ?? false,
    so_no_check: false,
    ...(options.boundDevice ? { so_bound_dev: options.boundDevice } : {}),
    so_filter: [],
    so_reuseport: options.reusePort ?? false,
    so_broadcast: false,
    so_keepalive: options.keepAlive ?? false,
    so_oobinline: Number(options.oobInline ?? false),
    ...(typeof options.linger === 'number' ? { so_linger: options.linger } : {}),
    ...(options.bufferLock === undefined ? {} : { so_buf_lock: options.bufferLock }),
    ...toMore(options),
  };
}

/**
 * Converts a saved connection to image entries. Options without a field in CRIU's images (congestion control, user
 * time-out, IPv6 hop limit …) go into additional fields.
 */
export function toImages(state: TcpState, ids: ImageIds): ConnectionImages {
  checkState(state);
  const { options, family, window, negotiated } = state;
  const scope = state.remote.scopeId ?? state.local.scopeId;
  const ifname = scope === undefined ? undefined : interfaceName(scope);
  const shutdown = (state.readShutdown ? SHUT.read : 0) | (SENT_FIN.has(state.state) ? SHUT.write : 0);
  const ip = {
    ...(options.freebind ? { freebind: true } : {}),
    ...(options.tos ? { tos: options.tos } : {}),
    ...(options.ttl && options.ttl !== 64 ? { ttl: options.ttl } : {}),
  };
  const socket: InetSkEntry = {
    id: ids.id,
    ino: ids.ino,
    family: family === 4 ? AF_INET : AF_INET6,
    type: SOCK_STREAM,
    proto: IPPROTO_TCP,
    state: TCP_STATES[state.state],
    src_port: state.local.port,
    dst_port: state.remote.port,
    flags: O_RDWR | (options.nonBlocking ? O_NONBLOCK : 0),
    backlog: 0,
    src_addr: toWords(state.local, family),
    dst_addr: toWords(state.remote, family),
    fown: { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 },
    opts: toOpts(options),
    ...(family === 6 ? { v6only: options.v6only ?? false } : {}),
    ip_opts: ip,
    ...(ifname === undefined ? {} : { ifname }),
    ...(ids.ns_id === undefined ? {} : { ns_id: ids.ns_id }),
    ...(shutdown ? { shutdown } : {}),
    memberships: [],
    tcp_opts: {
      ...(options.cork ? { cork: true } : {}),
      ...(options.noDelay ? { nodelay: true } : {}),
      ...(options.keepCount ? { keepcnt: options.keepCount } : {}),
      ...(options.keepIdle ? { keepidle: options.keepIdle } : {}),
      ...(options.keepInterval ? { keepintvl: options.keepInterval } : {}),
    },
  };
  const entry: TcpStreamEntry = {
    inq_len: state.receive.data.length,
    inq_seq: state.receive.seq,
    outq_len: state.send.data.length,
    outq_seq: state.send.seq,
    opt_mask: negotiated.mask,
    snd_wscale: negotiated.windowScale?.send ?? 0,
    mss_clamp: state.mss,
    ...(negotiated.windowScale ? { rcv_wscale: negotiated.windowScale.receive } : {}),
    ...(negotiated.timestamps && state.timestamp !== undefined ? { timestamp: state.timestamp } : {}),
    unsq_len: state.send.unsent,
    ...(window
      ? {
          snd_wl1: window.sndWl1,
          snd_wnd: window.sndWnd,
          max_window: window.maxWindow,
          rcv_wnd: window.rcvWnd,
          rcv_wup: window.rcvWup,
        }
      : {}),
    ...(state.windowClamp === undefined ? {} : { window_clamp: state.windowClamp }),
    ...(state.reset ? { error: state.error ?? ECONNRESET } : {}),
  };
  return { socket, stream: { entry, payload: Buffer.concat([state.receive.data, state.send.data]) } };
}

function fromWindow(entry: TcpStreamEntry): RepairWindow | undefined {
  if (entry.snd_wnd === undefined) return undefined;
  return {
    sndWl1: entry.snd_wl1 ?? 0,
    sndWnd: entry.snd_wnd,
    maxWindow: entry.max_window ?? 0,
    rcvWnd: entry.rcv_wnd ?? 0,
    rcvWup: entry.rcv_wup ?? 0,
  };
}

function fromOptions(socket: InetSkEntry, stream: TcpStreamEntry): SocketOptions {
  const { opts, tcp_opts: tcp, ip_opts: ip } = socket;
  const defined = <T extends object>(object: T) =>
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as SocketOptions;
  return defined({
    reuseAddress: opts.reuseaddr ?? false,
    reusePort: opts.so_reuseport ?? false,
    keepAlive: opts.so_keepalive ?? false,
    // Older images have these among the general options.
    keepIdle: tcp?.keepidle ?? opts.tcp_keepidle,
    keepInterval: tcp?.keepintvl ?? opts.tcp_keepintvl,
    keepCount: tcp?.keepcnt ?? opts.tcp_keepcnt,
    noDelay: tcp?.nodelay ?? stream.nodelay ?? false,
    cork: tcp?.cork ?? stream.cork ?? false,
    linger: opts.so_linger ?? false,
    oobInline: Boolean(opts.so_oobinline),
    dontRoute: opts.so_dontroute ?? false,
    priority: opts.so_priority,
    mark: opts.so_mark,
    receiveLowat: opts.so_rcvlowat,
    receiveTimeoutUs: Number(opts.so_rcv_tmo_sec * 1_000_000n + opts.so_rcv_tmo_usec),
    sendTimeoutUs: Number(opts.so_snd_tmo_sec * 1_000_000n + opts.so_snd_tmo_usec),
    receiveBuffer: opts.so_rcvbuf,
    sendBuffer: opts.so_sndbuf,
    bufferLock: opts.so_buf_lock,
    boundDevice: opts.so_bound_dev,
    tos: ip?.tos,
    ttl: ip?.ttl,
    freebind: ip?.freebind,
    v6only: socket.family === AF_INET6 ? (socket.v6only ?? false) : undefined,
    nonBlocking: (socket.flags & O_NONBLOCK) !== 0,
    ...fromMore(opts),
  });
}

/**
 * The inverse of {@link toImages}, also for images of CRIU.
 * @throws SoccrError BAD_STATE if the entry is no TCP connection, or the queues do not have the lengths in the entry
 */
export function fromImages(
  socket: InetSkEntry,
  stream: { entry: TcpStreamEntry; payload?: Uint8Array },
): TcpState {
  const { entry } = stream;
  const payload = stream.payload ?? new Uint8Array(0);
  const name = tcpStateName(socket.state);
  if ((socket.family !== AF_INET && socket.family !== AF_INET6) || socket.proto !== IPPROTO_TCP || !name) {
    throw new SoccrError(
      'BAD_STATE',
      `socket ${socket.id} is not a TCP connection (family ${socket.family}, protocol ${socket.proto}, state ${socket.state})`,
    );
  }
  const family = socket.family === AF_INET ? 4 : 6;
  const scopeId = socket.ifname === undefined ? undefined : scopeOf(socket.ifname);
  const end = (words: readonly number[], port: number, field: string): Endpoint => {
    const address = fromWords(words, family, field);
    const linkLocal = /^fe[89ab]/.test(address) && scopeId !== undefined;
    return { address, port, ...(linkLocal ? { scopeId } : {}) };
  };
  const local = end(socket.src_addr, socket.src_port, 'src_addr');
  const remote = end(socket.dst_addr, socket.dst_port, 'dst_addr');
  const object = connectionText({ local, remote });
  if (payload.length !== entry.inq_len + entry.outq_len) {
    throw new SoccrError(
      'BAD_STATE',
      `${tcpStreamFile(socket.ino)}: the queues have ${payload.length} bytes, not ${entry.inq_len} + ${entry.outq_len}`,
      { object },
    );
  }
  const mask = entry.opt_mask;
  const window = fromWindow(entry);
  const unsent = entry.unsq_len ?? 0;
  const state: TcpState = {
    version: 1,
    state: name,
    family,
    local,
    remote,
    receive: { seq: entry.inq_seq, data: payload.subarray(0, entry.inq_len) },
    send: {
      seq: entry.outq_seq,
      data: payload.subarray(entry.inq_len),
      unsent,
      // The image does not tell whether the FIN of this side was sent; sending it again does no harm.
      finSent: !UNACKED_FIN.has(name),
    },
    mss: entry.mss_clamp,
    negotiated: {
      sack: (mask & TCPI_OPT_SACK) !== 0,
      timestamps: (mask & TCPI_OPT_TIMESTAMPS) !== 0,
      ...(mask & TCPI_OPT_WSCALE
        ? { windowScale: { send: entry.snd_wscale, receive: entry.rcv_wscale ?? 0 } }
        : {}),
      mask,
    },
    ...(mask & TCPI_OPT_TIMESTAMPS && entry.timestamp !== undefined ? { timestamp: entry.timestamp } : {}),
    ...(window ? { window } : {}),
    ...(entry.window_clamp === undefined ? {} : { windowClamp: entry.window_clamp }),
    readShutdown: ((socket.shutdown ?? 0) & SHUT.read) !== 0,
    reset: entry.error !== undefined,
    ...(entry.error === undefined ? {} : { error: entry.error }),
    options: fromOptions(socket, entry),
  };
  return checkState(state);
}
