// Brings a restored connection from ESTABLISHED to the closing state that it was in.
import { addon, sys, sysRaw } from '@criu/native';
import {
  BPF_ABS,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_RET,
  BPF_W,
  ECONNRESET,
  EHOSTUNREACH,
  IP_RECVERR,
  IPPROTO_TCP,
  IPV6_RECVERR,
  POLLERR,
  SHUT_WR,
  SKF_AD_MARK,
  SKF_AD_OFF,
  SO_ATTACH_FILTER,
  SO_DETACH_FILTER,
  SO_ERROR,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  sock_filter,
  sock_fprog,
  TCP_NO_QUEUE,
  TCP_SEND_QUEUE,
  TH_ACK,
  TH_FIN,
  TH_RST,
  tcp_info,
} from '@criu/native/uapi';
import { SoccrError } from './errors.js';
import { inject, injectUnreachable, type Segment, SOCCR_MARK } from './inject.js';
import { getInt, pollNow, setInt, setOption, setQueue } from './kernel.js';
import { withNetnsOf } from './netns.js';
import { tcpInfo } from './save.js';
import { connectionText, TCP_STATES, type TcpState, type TcpStateName } from './state.js';

/** Adds the FIN of this side, either as sent already or as still to be sent. */
function sendFin(fd: number, sent: boolean): void {
  setQueue(fd, sent ? TCP_SEND_QUEUE : TCP_NO_QUEUE);
  sys('shutdown', fd, SHUT_WR);
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
export function whileDeaf(fd: number, use: () => void): void {
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
export function closeAs(fd: number, state: TcpState, base: { receive: number; send: number }): void {
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
