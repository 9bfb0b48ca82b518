// Restores a saved connection into a new socket, which stays in repair mode until it is resumed.
import { SysError, sys, sysRaw } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  cmsghdr,
  EINPROGRESS,
  ENOMEM,
  IP_OPTIONS,
  IPV6_2292PKTOPTIONS,
  IPV6_HOPLIMIT,
  MSG_NOSIGNAL,
  O_NONBLOCK,
  SHUT_RD,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_TCP,
  sockaddr_in6,
  TCP_NO_QUEUE,
  TCP_QUEUE_SEQ,
  TCP_RECV_QUEUE,
  TCP_REPAIR_OFF_NO_WP,
  TCP_REPAIR_ON,
  TCP_REPAIR_OPTIONS,
  TCP_REPAIR_WINDOW,
  TCP_SEND_QUEUE,
  TCP_TIMESTAMP,
  TCP_WINDOW_CLAMP,
  TCPOPT_MAXSEG,
  TCPOPT_SACK_PERMITTED,
  TCPOPT_TIMESTAMP,
  TCPOPT_WINDOW,
  tcp_repair_window,
} from '@criu/native/uapi';
import { toSockaddr, wireBytes } from './address.js';
import { closeAs, whileDeaf } from './closing.js';
import { SoccrError, wrap } from './errors.js';
import { getFlags, setFlags, setInt, setOption, setQueue, setRepair } from './kernel.js';
import { makeSocket } from './netns.js';
import { applyBeforeBind, applyConnected, applyQueued, setBuffer } from './options.js';
import { connectionText, RECEIVED_FIN, type RepairWindow, SENT_FIN, type TcpState } from './state.js';

/** Bytes that the kernel stores in one packet buffer without a large contiguous allocation. */
const CHUNK = 32 * 1024;

/** A new TCP socket for {@link restoreTcp}, in a network namespace, by default the caller's. @throws SoccrError */
export function freshSocket(family: 4 | 6, netns?: number): number {
  try {
    return makeSocket(netns, family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  } catch (error) {
    throw wrap(
      error,
      'cannot make a socket (CAP_SYS_ADMIN)',
      `network namespace ${netns ?? 'of the caller'}`,
    );
  }
}

function setSeq(fd: number, queue: number, seq: number): void {
  setQueue(fd, queue);
  setInt(fd, SOL_TCP, TCP_QUEUE_SEQ, seq | 0, 'TCP_QUEUE_SEQ');
}

function localPort(fd: number): number {
  const bytes = Buffer.alloc(sockaddr_in6.sizeof);
  sys('getsockname', fd, bytes, new Uint32Array([bytes.length]));
  // struct sockaddr_in has the port at the same offset.
  return bytes.readUInt16BE(sockaddr_in6.sin6_port);
}

function bind(fd: number, state: TcpState): void {
  const address = toSockaddr(state.local, state.family);
  const result = sysRaw('bind', fd, address, address.length);
  if (result >= 0) return;
  const cause = new SysError('bind', -result);
  // A socket that is restored to its owner may still have its port and is not bound again.
  if (cause.code === 'EINVAL' && localPort(fd) === state.local.port) return;
  const object = connectionText(state);
  if (cause.code === 'EADDRNOTAVAIL') {
    throw new SoccrError(
      'ADDRESS_NOT_AVAILABLE',
      `this machine or network namespace has no ${state.local.address}`,
      {
        object,
        cause,
      },
    );
  }
  throw wrap(cause, 'cannot take its local address', object);
}

function connect(fd: number, state: TcpState): void {
  const address = toSockaddr(state.remote, state.family);
  const result = sysRaw('connect', fd, address, address.length);
  if (result >= 0 || result === -EINPROGRESS) return;
  const cause = new SysError('connect', -result);
  const object = connectionText(state);
  switch (cause.code) {
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
      throw new SoccrError(
        'CONNECTION_EXISTS',
        'this connection still exists here: discard the saved one first',
        {
          object,
          cause,
        },
      );
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EINVAL':
    case 'EACCES':
      throw new SoccrError('PEER_UNREACHABLE', `there is no route to its peer (${cause.code})`, {
        object,
        cause,
      });
  }
  throw wrap(cause, 'cannot connect it', object);
}

function negotiated(fd: number, state: TcpState): void {
  const options: number[] = [];
  if (state.negotiated.sack) options.push(TCPOPT_SACK_PERMITTED, 0);
  const scale = state.negotiated.windowScale;
  if (scale) options.push(TCPOPT_WINDOW, scale.send | (scale.receive << 16));
  if (state.negotiated.timestamps) options.push(TCPOPT_TIMESTAMP, 0);
  if (state.mss > 0) options.push(TCPOPT_MAXSEG, state.mss);
  if (options.length) {
    setOption(
      fd,
      SOL_TCP,
      TCP_REPAIR_OPTIONS,
      new Uint8Array(new Uint32Array(options).buffer),
      'TCP_REPAIR_OPTIONS',
    );
  }
}

/** struct cmsghdr and an int: a hop limit, which adds no extension header. */
function hopLimitMessage(): Uint8Array {
  const message = Buffer.alloc(cmsghdr.sizeof + 8);
  message.writeBigUInt64LE(BigInt(cmsghdr.sizeof + 4), cmsghdr.cmsg_len);
  message.writeInt32LE(SOL_IPV6, cmsghdr.cmsg_level);
  message.writeInt32LE(IPV6_HOPLIMIT, cmsghdr.cmsg_type);
  message.writeInt32LE(64, cmsghdr.sizeof);
  return message;
}

/**
 * Makes the kernel compute the maximal segment size anew. TCP_REPAIR_OPTIONS sets only the limit of the peer; the size
 * in use stays the one that connect(2) in repair mode has derived from the default limit of 536 bytes, until the path
 * MTU changes. Options of the IP layer take space in each packet, so setting them, even to none, triggers the
 * computation.
 */
function syncSegmentSize(fd: number, state: TcpState): void {
  if (wireBytes(state.local, state.family).length === 4) {
    setOption(fd, SOL_IP, IP_OPTIONS, new Uint8Array(0), 'IP_OPTIONS');
    return;
  }
  setOption(fd, SOL_IPV6, IPV6_2292PKTOPTIONS, hopLimitMessage(), 'IPV6_2292PKTOPTIONS');
  setOption(fd, SOL_IPV6, IPV6_2292PKTOPTIONS, new Uint8Array(0), 'IPV6_2292PKTOPTIONS');
}

function timestamp(fd: number, state: TcpState): void {
  const { negotiated, timestamp: value } = state;
  if (negotiated.timestamps && value !== undefined)
    setInt(fd, SOL_TCP, TCP_TIMESTAMP, value | 0, 'TCP_TIMESTAMP');
}

/** Writes all bytes into a queue, in smaller pieces when memory is short. */
function fill(fd: number, bytes: Uint8Array, what: string): void {
  let chunk = CHUNK;
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + chunk);
    const sent = sysRaw('sendto', fd, piece, piece.length, MSG_NOSIGNAL, null, 0);
    if (sent > 0) at += sent;
    else if (sent === -ENOMEM && chunk > 1024) chunk >>= 1;
    else throw new SysError(`send (${what})`, -sent);
  }
}

function setWindow(fd: number, w: RepairWindow): void {
  const raw = Buffer.alloc(tcp_repair_window.sizeof);
  raw.writeUInt32LE(w.sndWl1 >>> 0, tcp_repair_window.snd_wl1);
  raw.writeUInt32LE(w.sndWnd >>> 0, tcp_repair_window.snd_wnd);
  raw.writeUInt32LE(w.maxWindow >>> 0, tcp_repair_window.max_window);
  raw.writeUInt32LE(w.rcvWnd >>> 0, tcp_repair_window.rcv_wnd);
  raw.writeUInt32LE(w.rcvWup >>> 0, tcp_repair_window.rcv_wup);
  setOption(fd, SOL_TCP, TCP_REPAIR_WINDOW, raw, 'TCP_REPAIR_WINDOW');
}

/**
 * Restores a connection into a new unbound socket and leaves the socket in repair mode; {@link resume} ends that. The
 * connection must be locked: unsent data is written with repair mode off for a moment. After a failure the socket can
 * only be closed, which sends nothing.
 * @throws SoccrError ADDRESS_NOT_AVAILABLE, CONNECTION_EXISTS, PEER_UNREACHABLE, NO_PERMISSION …
 */
export function restoreTcp(fd: number, state: TcpState): void {
  try {
    setRepair(fd, TCP_REPAIR_ON);
    restoreInRepair(fd, state);
  } catch (error) {
    throw wrap(error, 'cannot be restored', connectionText(state));
  }
}

function restoreInRepair(fd: number, state: TcpState): void {
  const { family, options } = state;
  setFlags(fd, getFlags(fd) | O_NONBLOCK);
  applyBeforeBind(fd, family, options);
  bind(fd, state);

  if (state.state === 'syn-sent') {
    // The kernel uses the next sequence number for the SYN itself and sends it as the retransmission.
    setSeq(fd, TCP_SEND_QUEUE, state.send.seq - 1);
    setRepair(fd, TCP_REPAIR_OFF_NO_WP);
    connect(fd, state);
    setRepair(fd, TCP_REPAIR_ON);
    timestamp(fd, state);
    applyConnected(fd, family, options);
    applyQueued(fd, family, options);
    return;
  }

  // Sequence numbers of the first bytes of both queues. A FIN uses one number behind the last byte.
  const closed = state.state === 'close';
  // What was never connected has no number of the other end's, also behind the FIN that closes it here.
  const counted = RECEIVED_FIN.has(state.state) || (closed && state.receive.seq === 0);
  const base = {
    receive: state.receive.seq - (counted ? 1 : 0),
    send: (closed ? 0 : state.send.seq - (SENT_FIN.has(state.state) ? 1 : 0)) - state.send.data.length,
  };
  setSeq(fd, TCP_RECV_QUEUE, base.receive - state.receive.data.length);
  setSeq(fd, TCP_SEND_QUEUE, base.send);
  connect(fd, state);
  negotiated(fd, state);
  timestamp(fd, state);
  applyConnected(fd, family, options);

  // Room for both queues with the kernel's overhead for each packet. The owner's sizes are set afterwards.
  setBuffer(fd, 'receive', Math.max(options.receiveBuffer ?? 0, 4 * state.receive.data.length + 256 * 1024));
  setBuffer(fd, 'send', Math.max(options.sendBuffer ?? 0, 4 * state.send.data.length + 256 * 1024));
  if (state.receive.data.length) {
    setQueue(fd, TCP_RECV_QUEUE);
    fill(fd, state.receive.data, 'receive queue');
  }
  const sent = state.send.data.length - state.send.unsent;
  if (sent) {
    setQueue(fd, TCP_SEND_QUEUE);
    fill(fd, state.send.data.subarray(0, sent), 'sent data');
  }
  setQueue(fd, TCP_NO_QUEUE);

  const window = state.window;
  const closing = state.state !== 'established';
  if (window) {
    // An injected FIN needs space in the receive window, which must not start behind the data that has been received.
    setWindow(
      fd,
      closing
        ? {
            ...window,
            rcvWup: base.receive >>> 0,
            rcvWnd: Math.max(window.rcvWnd, 1) + 1,
            sndWl1: base.receive >>> 0,
          }
        : window,
    );
  }
  // By now the kernel knows the window of the peer, half of which limits a segment.
  syncSegmentSize(fd, state);
  if (state.send.unsent) {
    setRepair(fd, TCP_REPAIR_OFF_NO_WP);
    try {
      fill(fd, state.send.data.subarray(sent), 'unsent data');
    } finally {
      setRepair(fd, TCP_REPAIR_ON);
    }
  }
  const walk = () => closeAs(fd, state, { receive: base.receive, send: base.send });
  if (closed) whileDeaf(fd, walk);
  else walk();
  if (closing && window && !closed) setWindow(fd, window);
  // If reading has ended because of the FIN of the peer, this changes nothing.
  if (state.readShutdown && !closed) sys('shutdown', fd, SHUT_RD);
  applyQueued(fd, family, options);
  // Set last: it also opens the window to the announced size, which connect(2) has computed for an empty buffer.
  if (state.windowClamp) setInt(fd, SOL_TCP, TCP_WINDOW_CLAMP, state.windowClamp | 0, 'TCP_WINDOW_CLAMP');
}
