// The saved connection as plain data, its validation, and its JSON form.
import { isIPv4, isIPv6 } from 'node:net';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_SYN_SENT,
} from '@criu/native/uapi';
import { addressBytes, type Endpoint, endpointText } from './address.js';
import { SoccrError } from './errors.js';

/** The states that can be saved, with their numbers in <linux/tcp_states.h>. */
export const TCP_STATES = {
  established: TCP_ESTABLISHED,
  'syn-sent': TCP_SYN_SENT,
  'fin-wait-1': TCP_FIN_WAIT1,
  'fin-wait-2': TCP_FIN_WAIT2,
  close: TCP_CLOSE,
  'close-wait': TCP_CLOSE_WAIT,
  'last-ack': TCP_LAST_ACK,
  closing: TCP_CLOSING,
} as const;
export type TcpStateName = keyof typeof TCP_STATES;

const stateNames = new Map<number, TcpStateName>(
  Object.entries(TCP_STATES).map(([name, number]) => [number, name as TcpStateName]),
);

/** Name of a state number; undefined if the state cannot be saved. */
export function tcpStateName(number: number): TcpStateName | undefined {
  return stateNames.get(number);
}

/** States in which the send sequence contains the FIN of this side. */
export const SENT_FIN: ReadonlySet<TcpStateName> = new Set([
  'fin-wait-1',
  'fin-wait-2',
  'closing',
  'last-ack',
]);
/** States in which the FIN of this side is not acknowledged, so that it is still in the send queue. */
export const UNACKED_FIN: ReadonlySet<TcpStateName> = new Set(['fin-wait-1', 'closing', 'last-ack']);
/** States in which the receive sequence contains the FIN of the peer. */
export const RECEIVED_FIN: ReadonlySet<TcpStateName> = new Set(['close-wait', 'last-ack', 'closing']);

/** struct tcp_repair_window. */
export interface RepairWindow {
  sndWl1: number;
  sndWnd: number;
  maxWindow: number;
  rcvWnd: number;
  rcvWup: number;
}

/** Socket options that the owner has set. Times are in seconds unless the name has another unit. */
export interface SocketOptions {
  reuseAddress?: boolean;
  reusePort?: boolean;
  keepAlive?: boolean;
  keepIdle?: number;
  keepInterval?: number;
  keepCount?: number;
  /** Seconds, or false if off. */
  linger?: number | false;
  /** Limit for FIN-WAIT-2 of an orphaned socket, in seconds; negative: none. */
  linger2?: number;
  noDelay?: boolean;
  cork?: boolean;
  userTimeoutMs?: number;
  notSentLowat?: number;
  synCount?: number;
  congestion?: string;
  oobInline?: boolean;
  dontRoute?: boolean;
  priority?: number;
  mark?: number;
  receiveLowat?: number;
  /** struct timeval in microseconds, 0: no time-out. */
  receiveTimeoutUs?: number;
  sendTimeoutUs?: number;
  /** Bytes as in getsockopt(2), which are twice the value of setsockopt(2). */
  receiveBuffer?: number;
  sendBuffer?: number;
  /** SO_BUF_LOCK: bit 0: the owner has set the send buffer; bit 1: the receive buffer. */
  bufferLock?: number;
  boundDevice?: string;
  tos?: number;
  ttl?: number;
  freebind?: boolean;
  transparent?: boolean;
  v6only?: boolean;
  trafficClass?: number;
  hopLimit?: number;
  /** O_NONBLOCK of the open file description. */
  nonBlocking?: boolean;
}

/** One saved connection with all state that a new socket needs. Sequence numbers are unsigned 32-bit. */
export interface TcpState {
  version: 1;
  state: TcpStateName;
  family: 4 | 6;
  local: Endpoint;
  remote: Endpoint;
  receive: {
    /** rcv_nxt of the kernel: the number after the last byte and after a received FIN. */
    seq: number;
    /** Bytes received and not yet read. */
    data: Uint8Array;
  };
  send: {
    /** write_seq of the kernel: the number after the last byte and after a FIN of this side. */
    seq: number;
    /** Bytes written and not yet acknowledged. */
    data: Uint8Array;
    /** Number of bytes at the end of `data` that were never sent. */
    unsent: number;
    /** The FIN of this side was sent at least once. Has a meaning only while it is unacknowledged. */
    finSent: boolean;
  };
  /** Maximal segment size of the peer, in bytes. */
  mss: number;
  /** Result of the handshake. */
  negotiated: {
    sack: boolean;
    timestamps: boolean;
    windowScale?: { send: number; receive: number };
    /** TCPI_OPT_* bits of the kernel. */
    mask: number;
  };
  /** Value of the kernel's timestamp clock. It is opaque; the lowest bit means microseconds. */
  timestamp?: number;
  window?: RepairWindow;
  /** Largest receive window to announce, in bytes (TCP_WINDOW_CLAMP). */
  windowClamp?: number;
  /** The owner has called shutdown(SHUT_RD), or the stream has ended. */
  readShutdown: boolean;
  /** Closed by a reset or time-out whose error the owner has not read yet. */
  reset: boolean;
  /** Number of that error: ECONNRESET if missing. */
  error?: number;
  options: SocketOptions;
}

/** The two ends as text: `10.0.0.1:80 → 10.0.0.2:40000`. */
export function connectionText(state: Pick<TcpState, 'local' | 'remote'>): string {
  return `${endpointText(state.local)} → ${endpointText(state.remote)}`;
}

/** JSON text, with the queues as base64. */
export function stateToJson(state: TcpState, space?: number): string {
  const encoded = (bytes: Uint8Array) => ({
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  });
  return JSON.stringify(
    {
      ...state,
      receive: { ...state.receive, data: encoded(state.receive.data) },
      send: { ...state.send, data: encoded(state.send.data) },
    },
    undefined,
    space,
  );
}

/** The inverse of {@link stateToJson}, with validation. @throws SoccrError BAD_STATE */
export function stateFromJson(text: string): TcpState {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (_key, value: unknown) => {
      const entry = value as { base64?: unknown } | null;
      if (entry && typeof entry === 'object' && typeof entry.base64 === 'string') {
        return new Uint8Array(Buffer.from(entry.base64, 'base64'));
      }
      return value;
    });
  } catch (cause) {
    throw new SoccrError('BAD_STATE', `not JSON: ${(cause as Error).message}`, { cause });
  }
  return checkState(parsed);
}

type Shape = Record<string, unknown>;

function fail(field: string, want: string): never {
  throw new SoccrError('BAD_STATE', `saved state: ${field} must be ${want}`);
}

function object(value: unknown, field: string): Shape {
  if (value === null || typeof value !== 'object') fail(field, 'an object');
  return value as Shape;
}

function integer(value: unknown, field: string, max: number, min = 0): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    fail(field, `an integer from ${min} to ${max}`);
  }
  return value;
}

function bool(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') fail(field, 'true or false');
  return value;
}

function endpoint(value: unknown, field: string, family: 4 | 6): void {
  const end = object(value, field);
  const address = end['address'];
  if (typeof address !== 'string' || !(family === 4 ? isIPv4(address) : isIPv6(address))) {
    fail(`${field}.address`, `an IPv${family} address`);
  }
  addressBytes(address, family);
  integer(end['port'], `${field}.port`, 0xffff);
  if (end['scopeId'] !== undefined) integer(end['scopeId'], `${field}.scopeId`, 0xffffffff);
}

const U32 = 0xffffffff;

/** Checks that a value is a state that this version can restore. @throws SoccrError BAD_STATE */
export function checkState(value: unknown): TcpState {
  const state = object(value, 'the whole');
  if (state['version'] !== 1) fail('version', '1');
  if (typeof state['state'] !== 'string' || !Object.hasOwn(TCP_STATES, state['state'])) {
    fail('state', `one of ${Object.keys(TCP_STATES).join(', ')}`);
  }
  const family = state['family'];
  if (family !== 4 && family !== 6) fail('family', '4 or 6');
  endpoint(state['local'], 'local', family);
  endpoint(state['remote'], 'remote', family);
  const receive = object(state['receive'], 'receive');
  const send = object(state['send'], 'send');
  integer(receive['seq'], 'receive.seq', U32);
  integer(send['seq'], 'send.seq', U32);
  if (!(receive['data'] instanceof Uint8Array)) fail('receive.data', 'bytes');
  if (!(send['data'] instanceof Uint8Array)) fail('send.data', 'bytes');
  integer(send['unsent'], 'send.unsent', (send['data'] as Uint8Array).length);
  bool(send['finSent'], 'send.finSent');
  integer(state['mss'], 'mss', 0xffff);
  const negotiated = object(state['negotiated'], 'negotiated');
  bool(negotiated['sack'], 'negotiated.sack');
  const timestamps = bool(negotiated['timestamps'], 'negotiated.timestamps');
  integer(negotiated['mask'], 'negotiated.mask', U32);
  if (negotiated['windowScale'] !== undefined) {
    const scale = object(negotiated['windowScale'], 'negotiated.windowScale');
    integer(scale['send'], 'negotiated.windowScale.send', 14);
    integer(scale['receive'], 'negotiated.windowScale.receive', 14);
  }
  if (timestamps) integer(state['timestamp'], 'timestamp', U32);
  if (state['window'] !== undefined) {
    const window = object(state['window'], 'window');
    for (const name of ['sndWl1', 'sndWnd', 'maxWindow', 'rcvWnd', 'rcvWup'] as const) {
      integer(window[name], `window.${name}`, U32);
    }
  }
  if (state['windowClamp'] !== undefined) integer(state['windowClamp'], 'windowClamp', U32);
  bool(state['readShutdown'], 'readShutdown');
  bool(state['reset'], 'reset');
  if (state['error'] !== undefined) integer(state['error'], 'error', 4095, 1);
  const options = object(state['options'], 'options');
  for (const [name, option] of Object.entries(options)) {
    if (!['number', 'boolean', 'string', 'undefined'].includes(typeof option))
      fail(`options.${name}`, 'plain');
  }
  return value as TcpState;
}
