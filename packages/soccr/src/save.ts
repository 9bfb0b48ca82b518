// Reads the state of a connection from a socket in repair mode.
import { decodeCString, SysError, sysRaw } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EHOSTUNREACH,
  EIO,
  ENOMEM,
  EPERM,
  FIONREAD,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  POLLERR,
  POLLRDHUP,
  SIOCOUTQNSD,
  SO_DOMAIN,
  SO_PEEK_OFF,
  SO_PEERNAME,
  SO_PROTOCOL,
  SOL_SOCKET,
  SOL_TCP,
  sockaddr_in,
  sockaddr_in6,
  TCP_INFO,
  TCP_LISTEN,
  TCP_MAXSEG,
  TCP_NO_QUEUE,
  TCP_QUEUE_SEQ,
  TCP_RECV_QUEUE,
  TCP_REPAIR_WINDOW,
  TCP_SEND_QUEUE,
  TCP_TIMESTAMP,
  TCP_ULP,
  TCP_WINDOW_CLAMP,
  TCPI_OPT_SACK,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  TIOCOUTQ,
  tcp_info,
  tcp_repair_window,
} from '@criu/native/uapi';
import { type Endpoint, fromSockaddr } from './address.js';
import { SoccrError, wrap } from './errors.js';
import { getInt, getOption, ioctlInt, pollNow, setInt, setQueue } from './kernel.js';
import { saveOptions } from './options.js';
import type { Paused } from './repair.js';
import { type RepairWindow, type TcpState, type TcpStateName, tcpStateName, UNACKED_FIN } from './state.js';

/** Facts about a connection that need no pause. */
export interface Facts {
  state: TcpStateName;
  family: 4 | 6;
  local: Endpoint;
  remote: Endpoint;
}

interface Queues {
  state: number;
  inq: number;
  outq: number;
  unsent: number;
}

function sockname(fd: number, family: 4 | 6): Endpoint {
  const bytes = new Uint8Array(sockaddr_in6.sizeof);
  const length = new Uint32Array([bytes.length]);
  const result = sysRaw('getsockname', fd, bytes, length);
  if (result < 0) throw new SysError('getsockname', -result);
  return fromSockaddr(bytes.subarray(0, family === 4 ? sockaddr_in.sizeof : sockaddr_in6.sizeof));
}

/** The first bytes of struct tcp_info. */
export function tcpInfo(fd: number): Buffer {
  const info = Buffer.alloc(8);
  getOption(fd, SOL_TCP, TCP_INFO, info, 'TCP_INFO');
  return info;
}

/** Where <linux/tcp.h> has tcpi_segs_in in struct tcp_info; <netinet/tcp.h> does not have it. */
const SEGMENTS_IN = 140;

/**
 * The pending error (SO_ERROR) of a closed socket. Reading it clears it, so it is derived from the history of the socket: a
 * connection that was never established has no sequence number of the peer, and has received a segment only if it was refused.
 */
function untoldError(fd: number, receiveSeq: number): number {
  if (receiveSeq !== 0) return ECONNRESET;
  const info = Buffer.alloc(SEGMENTS_IN + 4);
  getOption(fd, SOL_TCP, TCP_INFO, info, 'TCP_INFO');
  return info.readUInt32LE(SEGMENTS_IN) === 0 ? EHOSTUNREACH : ECONNREFUSED;
}

/**
 * Checks that a descriptor is a TCP socket with a connection that can be saved.
 * @throws SoccrError NOT_TCP, NOT_SAVEABLE, BAD_TARGET
 */
export function inspect(fd: number): Facts {
  const name = `descriptor ${fd}`;
  let domain: number;
  let protocol: number;
  try {
    domain = getInt(fd, SOL_SOCKET, SO_DOMAIN, 'SO_DOMAIN');
    protocol = getInt(fd, SOL_SOCKET, SO_PROTOCOL, 'SO_PROTOCOL');
  } catch (error) {
    if (error instanceof SysError && error.code === 'ENOTSOCK') {
      throw new SoccrError('NOT_TCP', 'not a socket', { object: name, cause: error });
    }
    throw wrap(error, 'cannot be looked at', name, 'BAD_TARGET');
  }
  if ((domain !== AF_INET && domain !== AF_INET6) || protocol !== IPPROTO_TCP) {
    throw new SoccrError('NOT_TCP', `not a TCP socket (family ${domain}, protocol ${protocol})`, {
      object: name,
    });
  }
  const family = domain === AF_INET ? 4 : 6;
  try {
    const number = tcpInfo(fd).readUInt8(tcp_info.tcpi_state);
    const state = tcpStateName(number);
    if (!state) {
      throw new SoccrError(
        'NOT_SAVEABLE',
        number === TCP_LISTEN
          ? 'a listening socket has no connection: make a new one instead'
          : `kernel state ${number} cannot be saved`,
        { object: name },
      );
    }
    // getpeername(2) fails in SYN-SENT and CLOSE; this option works and needs the exact length.
    const peer = new Uint8Array(family === 4 ? sockaddr_in.sizeof : sockaddr_in6.sizeof);
    let length = 0;
    try {
      length = getOption(fd, SOL_SOCKET, SO_PEERNAME, peer, 'SO_PEERNAME');
    } catch (error) {
      if (!(error instanceof SysError && error.code === 'ENOTCONN')) throw error;
    }
    const local = sockname(fd, family);
    if (length === 0) throw new SoccrError('NOT_SAVEABLE', 'never connected', { object: name });
    return { state, family, local, remote: fromSockaddr(peer.subarray(0, length)) };
  } catch (error) {
    throw wrap(error, 'cannot be looked at', name);
  }
}

/** Refuses a connection with state that would be lost. @throws SoccrError URGENT_DATA, UNSUPPORTED */
export function refuseUnmovable(fd: number, object: string): void {
  const byte = new Uint8Array(1);
  const urgent = sysRaw('recvfrom', fd, byte, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT, null, null);
  // EAGAIN: an urgent byte is announced but has not arrived. EINVAL: there is none, or it is inside the stream.
  if (urgent > 0 || urgent === -EAGAIN) {
    throw new SoccrError(
      'URGENT_DATA',
      'an urgent byte waits outside the stream: read it first (MSG_OOB) or set SO_OOBINLINE',
      {
        object,
      },
    );
  }
  const ulp = new Uint8Array(16);
  let length = 0;
  try {
    length = getOption(fd, SOL_TCP, TCP_ULP, ulp, 'TCP_ULP');
  } catch (error) {
    if (!(error instanceof SysError && (error.code === 'ENOPROTOOPT' || error.code === 'EOPNOTSUPP')))
      throw error;
  }
  const name = decodeCString(ulp.subarray(0, length));
  if (name)
    throw new SoccrError('UNSUPPORTED', `its protocol "${name}" in the kernel cannot be moved`, { object });
}

function readQueues(fd: number): Queues {
  const state = tcpInfo(fd).readUInt8(tcp_info.tcpi_state);
  return {
    state,
    inq: ioctlInt(fd, FIONREAD, 'SIOCINQ'),
    outq: ioctlInt(fd, TIOCOUTQ, 'SIOCOUTQ'),
    unsent: ioctlInt(fd, SIOCOUTQNSD, 'SIOCOUTQNSD'),
  };
}

function readSeq(fd: number, queue: number): number {
  setQueue(fd, queue);
  return getInt(fd, SOL_TCP, TCP_QUEUE_SEQ, 'TCP_QUEUE_SEQ') >>> 0;
}

function peek(fd: number, queue: number, length: number): Uint8Array | undefined {
  if (length === 0) return new Uint8Array(0);
  setQueue(fd, queue);
  // One byte more than expected, to detect further data.
  const bytes = new Uint8Array(length + 1);
  const got = sysRaw('recvfrom', fd, bytes, bytes.length, MSG_PEEK | MSG_DONTWAIT, null, null);
  if (got === -EPERM || got === -ENOMEM) throw new SysError('recv MSG_PEEK', -got);
  if (queue === TCP_RECV_QUEUE && got > 0 && got < length) peekPastUrgent(fd, bytes.subarray(got, length));
  else if (got !== length) return undefined;
  return bytes.subarray(0, length);
}

/**
 * recvfrom(2) stops at an urgent byte inside the stream. SO_PEEK_OFF, which TCP has since Linux 6.9, continues behind
 * it.
 */
function peekPastUrgent(fd: number, rest: Uint8Array): void {
  const before = getInt(fd, SOL_SOCKET, SO_PEEK_OFF, 'SO_PEEK_OFF');
  const first = ioctlInt(fd, FIONREAD, 'SIOCINQ') - rest.length;
  try {
    setInt(fd, SOL_SOCKET, SO_PEEK_OFF, first, 'SO_PEEK_OFF');
  } catch (cause) {
    if (!(cause instanceof SysError)) throw cause;
    throw new SoccrError(
      'URGENT_DATA',
      'data behind an urgent byte cannot be read on this kernel: read up to it first',
      {
        object: `descriptor ${fd}`,
        cause,
      },
    );
  }
  try {
    for (let at = 0; at < rest.length; ) {
      const piece = rest.subarray(at);
      const got = sysRaw('recvfrom', fd, piece, piece.length, MSG_PEEK | MSG_DONTWAIT, null, null);
      if (got <= 0) throw new SysError('recv MSG_PEEK', -got || EIO);
      at += got;
    }
  } finally {
    setInt(fd, SOL_SOCKET, SO_PEEK_OFF, before, 'SO_PEEK_OFF');
  }
}

function readWindow(fd: number): RepairWindow {
  const raw = Buffer.alloc(tcp_repair_window.sizeof);
  getOption(fd, SOL_TCP, TCP_REPAIR_WINDOW, raw, 'TCP_REPAIR_WINDOW');
  return {
    sndWl1: raw.readUInt32LE(tcp_repair_window.snd_wl1),
    sndWnd: raw.readUInt32LE(tcp_repair_window.snd_wnd),
    maxWindow: raw.readUInt32LE(tcp_repair_window.max_window),
    rcvWnd: raw.readUInt32LE(tcp_repair_window.rcv_wnd),
    rcvWup: raw.readUInt32LE(tcp_repair_window.rcv_wup),
  };
}

function same(a: Queues, b: Queues): boolean {
  return a.state === b.state && a.inq === b.inq && a.outq === b.outq && a.unsent === b.unsent;
}

function saveOnce(fd: number, facts: Facts, paused: Paused): TcpState | undefined {
  const info = tcpInfo(fd);
  const mask = info.readUInt8(tcp_info.tcpi_options);
  const scales = info.readUInt8(tcp_info.tcpi_wscale);
  const before = readQueues(fd);
  const receiveSeq = readSeq(fd, TCP_RECV_QUEUE);
  const sendSeq = readSeq(fd, TCP_SEND_QUEUE);
  const state = tcpStateName(before.state);
  if (!state) return undefined;

  // A FIN uses a sequence number and no byte. In CLOSE the send queue cannot be read any more.
  let sendLength = before.outq;
  let unsent = before.unsent;
  let finSent = true;
  if (state === 'close') {
    sendLength = 0;
    unsent = 0;
  } else if (UNACKED_FIN.has(state)) {
    finSent = unsent === 0;
    sendLength = Math.max(0, sendLength - 1);
    unsent = Math.max(0, unsent - 1);
  }
  const received = peek(fd, TCP_RECV_QUEUE, before.inq);
  const sent = peek(fd, TCP_SEND_QUEUE, sendLength);
  if (!received || !sent) return undefined;

  const result: TcpState = {
    version: 1,
    ...facts,
    state,
    receive: { seq: receiveSeq, data: received },
    send: { seq: sendSeq, data: sent, unsent, finSent },
    mss: getInt(fd, SOL_TCP, TCP_MAXSEG, 'TCP_MAXSEG'),
    negotiated: {
      sack: (mask & TCPI_OPT_SACK) !== 0,
      timestamps: (mask & TCPI_OPT_TIMESTAMPS) !== 0,
      ...(mask & TCPI_OPT_WSCALE ? { windowScale: { send: scales & 15, receive: scales >> 4 } } : {}),
      mask,
    },
    window: readWindow(fd),
    windowClamp: getInt(fd, SOL_TCP, TCP_WINDOW_CLAMP, 'TCP_WINDOW_CLAMP') >>> 0,
    readShutdown: false,
    reset: false,
    options: saveOptions(fd, facts.family, paused.reuseAddress),
  };
  result.options.reusePort = paused.reusePort;
  if (result.negotiated.timestamps) {
    result.timestamp = getInt(fd, SOL_TCP, TCP_TIMESTAMP, 'TCP_TIMESTAMP') >>> 0;
  }
  const events = pollNow(fd);
  result.readShutdown = (events & POLLRDHUP) !== 0;
  result.reset = state === 'close' && (events & POLLERR) !== 0;
  if (result.reset) result.error = untoldError(fd, receiveSeq);

  const unchanged =
    same(before, readQueues(fd)) &&
    readSeq(fd, TCP_RECV_QUEUE) === receiveSeq &&
    readSeq(fd, TCP_SEND_QUEUE) === sendSeq;
  setQueue(fd, TCP_NO_QUEUE);
  return unchanged ? result : undefined;
}

/**
 * Reads the whole state from a socket in repair mode, which stays on. `paused` is the result of {@link pause}. Packets
 * that were in the kernel when the lock began may still change the queues; such a change is detected and the read
 * repeated a few times.
 * @throws SoccrError NOT_TCP, NOT_SAVEABLE, URGENT_DATA, UNSUPPORTED, CHANGED, NO_PERMISSION
 */
export function saveTcp(fd: number, paused: Paused): TcpState {
  const facts = inspect(fd);
  const object = `descriptor ${fd}`;
  try {
    refuseUnmovable(fd, object);
    for (let attempt = 0; attempt < 5; attempt++) {
      const state = saveOnce(fd, facts, paused);
      if (state) return state;
    }
  } catch (error) {
    throw wrap(error, 'cannot be saved', object);
  }
  throw new SoccrError(
    'CHANGED',
    'its data changed while it was read: lock the connection, and stop its owner if that is another process',
    { object },
  );
}
