// Restores a saved connection into a new socket, which stays in repair mode until it is resumed.
import { addon, SysError, sysRaw } from '@criu/native';
import {
  AF_INET,
  AF_INET6,
  BPF_ABS,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_RET,
  BPF_W,
  cmsghdr,
  ECONNRESET,
  EHOSTUNREACH,
  EINPROGRESS,
  ENOMEM,
  IP_OPTIONS,
  IP_RECVERR,
  IPPROTO_TCP,
  IPV6_2292PKTOPTIONS,
  IPV6_HOPLIMIT,
  IPV6_RECVERR,
  MSG_NOSIGNAL,
  O_NONBLOCK,
  POLLERR,
  SHUT_RD,
  SHUT_WR,
  SKF_AD_MARK,
  SKF_AD_OFF,
  SO_ATTACH_FILTER,
  SO_DETACH_FILTER,
  SO_ERROR,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  sock_filter,
  sock_fprog,
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
  TH_ACK,
  TH_FIN,
  TH_RST,
  tcp_info,
  tcp_repair_window,
} from '@criu/native/uapi';
import { toSockaddr, wireBytes } from './address.js';
import { SoccrError, wrap } from './errors.js';
import { inject, injectUnreachable, type Segment, SOCCR_MARK } from './inject.js';
import { getFlags, getInt, pollNow, setFlags, setInt, setOption, setQueue, setRepair } from './kernel.js';
import { makeSocket, withNetnsOf } from './netns.js';
import { applyBeforeBind, applyConnected, applyQueued, setBuffer } from './options.js';
import { tcpInfo } from './save.js';
import {
  connectionText,
  RECEIVED_FIN,
  type RepairWindow,
  SENT_FIN,
  TCP_STATES,
  type TcpState,
  type TcpStateName,
} from './state.js';

/** Bytes that the kernel stores in one packet buffer without a large contiguous allocation. */
const CHUNK = 32 * 1024;

function check(result: number, call: string): number {
  if (result < 0 && result >= -4095) throw new SysError(call, -result);
  return result;
}

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
  check(sysRaw('getsockname', fd, bytes, new Uint32Array([bytes.length])), 'getsockname');
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

/** Adds the FIN of this side, either as sent already or as still to be sent. */
function sendFin(fd: number, sent: boolean): void {
  setQueue(fd, sent ? TCP_SEND_QUEUE : TCP_NO_QUEUE);
  check(sysRaw('shutdown', fd, SHUT_WR), 'shutdown');
  if (sent) setQueue(fd, TCP_NO_QUEUE);
}

/** The kernel processes injected segments in a soft interrupt, usually before the send returns. */
function awaitState(fd: number, wanted: readonly TcpStateName[], state: TcpState): TcpStateName {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited++) {
    const now = tcpInfo(fd)[tcp_info.tcpi_state];
    const reached = wanted.find((name) => TCP_STATES[name] === now);
    if (reached) return reached;
    if (waited === 200) {
      throw new SoccrError(
        'SYSTEM',
        `did not reach ${wanted.join(' or ')} (kernel state ${now}); is a firewall in the way?`,
        {
          object: connectionText(state),
        },
      );
    }
    Atomics.wait(pause, 0, 0, 1);
  }
}

/**
 * Sets the error of the socket by an injected ICMP message, which has no other effect on a socket with IP_RECVERR.
 */
function noteError(fd: number, state: TcpState, error: number, seq: number): void {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint16(0, state.local.port);
  view.setUint16(2, state.remote.port);
  view.setUint32(4, seq >>> 0);
  const levels: [number, number][] = [[SOL_IP, IP_RECVERR]];
  if (state.family === 6) levels.push([SOL_IPV6, IPV6_RECVERR]);
  for (const [level, name] of levels) setInt(fd, level, name, 1, 'RECVERR');
  const what = error === EHOSTUNREACH ? 'host' : 'port';
  withNetnsOf(fd, (netns) => injectUnreachable(netns, state, what, { protocol: IPPROTO_TCP, head }));
  awaitError(fd, state);
  for (const [level, name] of levels) setInt(fd, level, name, 0, 'RECVERR');
}

function awaitError(fd: number, state: TcpState): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; (pollNow(fd) & POLLERR) === 0; waited++) {
    if (waited === 200)
      throw new SoccrError('SYSTEM', 'does not hear of its error; is a firewall in the way?', {
        object: connectionText(state),
      });
    Atomics.wait(pause, 0, 0, 1);
  }
}

/** Classic BPF (<linux/filter.h>): packets with our mark pass, others are dropped. */
const ONLY_MARKED = [
  [BPF_LD | BPF_W | BPF_ABS, 0, 0, (SKF_AD_OFF + SKF_AD_MARK) >>> 0],
  [BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SOCCR_MARK],
  [BPF_RET | BPF_K, 0, 0, 0xffffffff],
  [BPF_RET | BPF_K, 0, 0, 0],
] as const;

/**
 * Runs `use` while the socket receives injected segments only. The packets of a closed connection are not locked, so the peer
 * answers the acknowledgement of an injected FIN with a RST, which would replace the error of the socket.
 */
function whileDeaf(fd: number, use: () => void): void {
  const code = Buffer.alloc(ONLY_MARKED.length * sock_filter.sizeof);
  for (const [i, [operation, yes, no, value]] of ONLY_MARKED.entries()) {
    const at = i * sock_filter.sizeof;
    code.writeUInt16LE(operation, at + sock_filter.code);
    code.writeUInt8(yes, at + sock_filter.jt);
    code.writeUInt8(no, at + sock_filter.jf);
    code.writeUInt32LE(value, at + sock_filter.k);
  }
  const program = Buffer.alloc(sock_fprog.sizeof);
  program.writeUInt16LE(ONLY_MARKED.length, sock_fprog.len);
  program.writeBigUInt64LE(addon().addressOf(code), sock_fprog.filter);
  setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 'SO_ATTACH_FILTER');
  try {
    use();
  } finally {
    setInt(fd, SOL_SOCKET, SO_DETACH_FILTER, 0, 'SO_DETACH_FILTER');
  }
}

/**
 * Brings the socket from ESTABLISHED to its closing state, with segments in the name of the peer for those that it had
 * sent.
 */
function close(fd: number, state: TcpState, base: { receive: number; send: number }): void {
  const scale = state.negotiated.windowScale?.send ?? 0;
  const window = Math.min(0xffff, (state.window?.sndWnd ?? 0xffff) >>> scale);
  const say = (flags: number, seq: number, ack: number, ...then: TcpStateName[]) => {
    const segment: Segment = { flags, seq: seq >>> 0, ack: ack >>> 0, window };
    withNetnsOf(fd, (netns) => inject(netns, state, segment));
    return awaitState(fd, then, state);
  };
  const end = base.send + state.send.data.length;
  const ownFin = () => sendFin(fd, state.send.finSent);
  const peerFin = (then: TcpStateName) => say(TH_FIN | TH_ACK, base.receive, base.send, then);
  switch (state.state) {
    case 'fin-wait-1':
      ownFin();
      break;
    case 'fin-wait-2':
      sendFin(fd, true);
      say(TH_ACK, base.receive, end + 1, 'fin-wait-2');
      break;
    case 'close-wait':
      peerFin('close-wait');
      break;
    case 'last-ack':
      peerFin('close-wait');
      ownFin();
      break;
    case 'closing':
      ownFin();
      peerFin('closing');
      break;
    case 'close':
      if (state.reset && (state.error ?? ECONNRESET) === ECONNRESET) {
        say(TH_RST | TH_ACK, base.receive, base.send, 'close');
        break;
      }
      // A closed connection is not locked. The peer's host, which does not know it any more, answers each segment of
      // this kernel with a reset, possibly before the next step. The state is the same then, but for the error.
      if (say(TH_FIN | TH_ACK, base.receive, base.send, 'close-wait', 'close') === 'close-wait') {
        setQueue(fd, TCP_SEND_QUEUE);
        const shut = sysRaw('shutdown', fd, SHUT_WR);
        setQueue(fd, TCP_NO_QUEUE);
        if (shut >= 0 && state.error) noteError(fd, state, state.error, base.send);
        if (shut >= 0) say(TH_ACK, base.receive + 1, end + 1, 'close');
        else awaitState(fd, ['close'], state);
      }
      if (!state.error) getInt(fd, SOL_SOCKET, SO_ERROR, 'SO_ERROR');
      break;
  }
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
  const walk = () => close(fd, state, { receive: base.receive, send: base.send });
  if (closed) whileDeaf(fd, walk);
  else walk();
  if (closing && window && !closed) setWindow(fd, window);
  // If reading has ended because of the FIN of the peer, this changes nothing.
  if (state.readShutdown && !closed) check(sysRaw('shutdown', fd, SHUT_RD), 'shutdown');
  applyQueued(fd, family, options);
  // Set last: it also opens the window to the announced size, which connect(2) has computed for an empty buffer.
  if (state.windowClamp) setInt(fd, SOL_TCP, TCP_WINDOW_CLAMP, state.windowClamp | 0, 'TCP_WINDOW_CLAMP');
}
