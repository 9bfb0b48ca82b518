// Socket options that an owner may have set: one table for saving and restoring.
import { cstring, decodeCString, encodeName, SysError } from '@criu/native';
import {
  IP_FREEBIND,
  IP_TOS,
  IP_TRANSPARENT,
  IP_TTL,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  linger,
  O_NONBLOCK,
  SO_BINDTODEVICE,
  SO_BUF_LOCK,
  SO_DONTROUTE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_OOBINLINE,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDTIMEO,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  TCP_CONGESTION,
  TCP_CORK,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LINGER2,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
  timeval,
} from '@criu/native/uapi';
import { getFlags, getInt, getOption, setFlags, setInt, setOption } from './kernel.js';
import type { SocketOptions } from './state.js';

/** When an option is set: before bind(2), after connect(2) in repair mode, or after the queues are filled. */
type Stage = 'bind' | 'connected' | 'queued';

interface IntOption {
  name: keyof SocketOptions;
  level: number;
  option: number;
  stage: Stage;
  kind: 'bool' | 'int';
  v6?: true;
  /** CRIU's images have no field for the option. */
  fieldless?: true;
}

/** Options of type int, in the order in which they are set. */
export const intOptions: readonly IntOption[] = [
  // These options decide whether bind(2) accepts the address.
  { name: 'freebind', level: SOL_IP, option: IP_FREEBIND, stage: 'bind', kind: 'bool' },
  {
    name: 'transparent',
    level: SOL_IP,
    option: IP_TRANSPARENT,
    stage: 'bind',
    kind: 'bool',
    fieldless: true,
  },
  { name: 'v6only', level: SOL_IPV6, option: IPV6_V6ONLY, stage: 'bind', kind: 'bool', v6: true },
  { name: 'mark', level: SOL_SOCKET, option: SO_MARK, stage: 'bind', kind: 'int' },
  { name: 'oobInline', level: SOL_SOCKET, option: SO_OOBINLINE, stage: 'bind', kind: 'bool' },
  { name: 'dontRoute', level: SOL_SOCKET, option: SO_DONTROUTE, stage: 'bind', kind: 'bool' },
  { name: 'ttl', level: SOL_IP, option: IP_TTL, stage: 'connected', kind: 'int' },
  { name: 'tos', level: SOL_IP, option: IP_TOS, stage: 'connected', kind: 'int' },
  {
    name: 'hopLimit',
    level: SOL_IPV6,
    option: IPV6_UNICAST_HOPS,
    stage: 'connected',
    kind: 'int',
    v6: true,
    fieldless: true,
  },
  {
    name: 'trafficClass',
    level: SOL_IPV6,
    option: IPV6_TCLASS,
    stage: 'connected',
    kind: 'int',
    v6: true,
    fieldless: true,
  },
  // Setting the type of service changes the priority, so the priority follows.
  { name: 'priority', level: SOL_SOCKET, option: SO_PRIORITY, stage: 'connected', kind: 'int' },
  { name: 'keepIdle', level: SOL_TCP, option: TCP_KEEPIDLE, stage: 'connected', kind: 'int' },
  { name: 'keepInterval', level: SOL_TCP, option: TCP_KEEPINTVL, stage: 'connected', kind: 'int' },
  { name: 'keepCount', level: SOL_TCP, option: TCP_KEEPCNT, stage: 'connected', kind: 'int' },
  { name: 'keepAlive', level: SOL_SOCKET, option: SO_KEEPALIVE, stage: 'connected', kind: 'bool' },
  { name: 'synCount', level: SOL_TCP, option: TCP_SYNCNT, stage: 'connected', kind: 'int', fieldless: true },
  { name: 'linger2', level: SOL_TCP, option: TCP_LINGER2, stage: 'connected', kind: 'int', fieldless: true },
  {
    name: 'userTimeoutMs',
    level: SOL_TCP,
    option: TCP_USER_TIMEOUT,
    stage: 'connected',
    kind: 'int',
    fieldless: true,
  },
  { name: 'noDelay', level: SOL_TCP, option: TCP_NODELAY, stage: 'connected', kind: 'bool' },
  { name: 'receiveLowat', level: SOL_SOCKET, option: SO_RCVLOWAT, stage: 'queued', kind: 'int' },
  // These two options delay data, which would keep the queues from being filled.
  {
    name: 'notSentLowat',
    level: SOL_TCP,
    option: TCP_NOTSENT_LOWAT,
    stage: 'queued',
    kind: 'int',
    fieldless: true,
  },
  { name: 'cork', level: SOL_TCP, option: TCP_CORK, stage: 'queued', kind: 'bool' },
];

const timeouts = [
  { name: 'receiveTimeoutUs', option: SO_RCVTIMEO },
  { name: 'sendTimeoutUs', option: SO_SNDTIMEO },
] as const;

function getText(fd: number, level: number, option: number, what: string): string {
  const bytes = new Uint8Array(32);
  const length = getOption(fd, level, option, bytes, what);
  return decodeCString(bytes.subarray(0, length));
}

function getTimeout(fd: number, option: number): number {
  const time = Buffer.alloc(timeval.sizeof);
  getOption(fd, SOL_SOCKET, option, time, 'timeout');
  return Number(time.readBigInt64LE(timeval.tv_sec) * 1_000_000n + time.readBigInt64LE(timeval.tv_usec));
}

/** Reads all options. Repair mode sets SO_REUSEADDR, so `reuseAddress` is its previous value. */
export function saveOptions(fd: number, family: 4 | 6, reuseAddress: boolean): SocketOptions {
  const options: Record<string, unknown> = { reuseAddress };
  for (const { name, level, option, kind, v6 } of intOptions) {
    if (v6 && family === 4) continue;
    const value = getInt(fd, level, option, name);
    options[name] = kind === 'bool' ? value !== 0 : value;
  }
  options['reusePort'] = getInt(fd, SOL_SOCKET, SO_REUSEPORT, 'SO_REUSEPORT') !== 0;
  for (const { name, option } of timeouts) options[name] = getTimeout(fd, option);
  const lingers = Buffer.alloc(linger.sizeof);
  getOption(fd, SOL_SOCKET, SO_LINGER, lingers, 'SO_LINGER');
  options['linger'] = lingers.readInt32LE(linger.l_onoff) ? lingers.readInt32LE(linger.l_linger) : false;
  options['receiveBuffer'] = getInt(fd, SOL_SOCKET, SO_RCVBUF, 'SO_RCVBUF');
  options['sendBuffer'] = getInt(fd, SOL_SOCKET, SO_SNDBUF, 'SO_SNDBUF');
  try {
    options['bufferLock'] = getInt(fd, SOL_SOCKET, SO_BUF_LOCK, 'SO_BUF_LOCK');
  } catch (error) {
    // Kernels before 5.14 have no SO_BUF_LOCK: the kernel keeps tuning the sizes of the buffers.
    if (!(error instanceof SysError && error.code === 'ENOPROTOOPT')) throw error;
  }
  const device = getText(fd, SOL_SOCKET, SO_BINDTODEVICE, 'SO_BINDTODEVICE');
  if (device) options['boundDevice'] = device;
  options['congestion'] = getText(fd, SOL_TCP, TCP_CONGESTION, 'TCP_CONGESTION');
  options['nonBlocking'] = (getFlags(fd) & O_NONBLOCK) !== 0;
  return options as SocketOptions;
}

/** Sets the options of one stage that differ from the values of the new socket. @throws SysError */
function applyInts(fd: number, family: 4 | 6, options: SocketOptions, stage: Stage): void {
  for (const { name, level, option, stage: when, v6 } of intOptions) {
    const wanted = options[name];
    if (when !== stage || wanted === undefined || (v6 && family === 4)) continue;
    const value = Number(wanted);
    if (getInt(fd, level, option, name) !== value) setInt(fd, level, option, value, name);
  }
}

export function applyBeforeBind(fd: number, family: 4 | 6, options: SocketOptions): void {
  applyInts(fd, family, options, 'bind');
  if (options.boundDevice) {
    setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, cstring(options.boundDevice), 'SO_BINDTODEVICE');
  }
  // A receive buffer of fixed size limits the window that connect(2) computes.
  if ((options.bufferLock ?? 0) & 2) setBuffer(fd, 'receive', options.receiveBuffer);
}

export function applyConnected(fd: number, family: 4 | 6, options: SocketOptions): void {
  applyInts(fd, family, options, 'connected');
  for (const { name, option } of timeouts) {
    const value = options[name];
    if (!value) continue;
    const time = Buffer.alloc(timeval.sizeof);
    time.writeBigInt64LE(BigInt(Math.floor(value / 1e6)), timeval.tv_sec);
    time.writeBigInt64LE(BigInt(value % 1e6), timeval.tv_usec);
    setOption(fd, SOL_SOCKET, option, time, name);
  }
  if (options.linger !== undefined && options.linger !== false) {
    const lingers = Buffer.alloc(linger.sizeof);
    lingers.writeInt32LE(1, linger.l_onoff);
    lingers.writeInt32LE(options.linger, linger.l_linger);
    setOption(fd, SOL_SOCKET, SO_LINGER, lingers, 'SO_LINGER');
  }
  if (options.congestion) {
    try {
      if (getText(fd, SOL_TCP, TCP_CONGESTION, 'TCP_CONGESTION') !== options.congestion) {
        setOption(fd, SOL_TCP, TCP_CONGESTION, encodeName(options.congestion), 'TCP_CONGESTION');
      }
    } catch (error) {
      // The connection does not depend on the algorithm of congestion control, so one that this kernel lacks is left
      // out.
      if (!(error instanceof SysError && error.code === 'ENOENT')) throw error;
    }
  }
}

/** Sets the size of a buffer, also beyond the system limit. `bytes` is the value of getsockopt(2). */
export function setBuffer(fd: number, side: 'receive' | 'send', bytes: number | undefined): void {
  if (bytes === undefined) return;
  const option = side === 'receive' ? SO_RCVBUFFORCE : SO_SNDBUFFORCE;
  setInt(fd, SOL_SOCKET, option, Math.ceil(bytes / 2), `${side} buffer`);
}

/** After the queues are filled: sets the sizes of the buffers, and whether the kernel may tune them. */
export function applyQueued(fd: number, family: 4 | 6, options: SocketOptions): void {
  setBuffer(fd, 'receive', options.receiveBuffer);
  setBuffer(fd, 'send', options.sendBuffer);
  try {
    setInt(fd, SOL_SOCKET, SO_BUF_LOCK, options.bufferLock ?? 0, 'SO_BUF_LOCK');
  } catch (error) {
    // Kernels before 5.14: the buffers keep their present sizes.
    if (!(error instanceof SysError && error.code === 'ENOPROTOOPT')) throw error;
  }
  applyInts(fd, family, options, 'queued');
}

/** Sets the options that leaving repair mode overwrites, and O_NONBLOCK. */
export function applyLast(
  fd: number,
  options: Pick<SocketOptions, 'reuseAddress' | 'reusePort' | 'nonBlocking'>,
): void {
  if (options.reuseAddress !== undefined) {
    setInt(fd, SOL_SOCKET, SO_REUSEADDR, Number(options.reuseAddress), 'SO_REUSEADDR');
  }
  if (options.reusePort) setInt(fd, SOL_SOCKET, SO_REUSEPORT, 1, 'SO_REUSEPORT');
  if (options.nonBlocking !== undefined) {
    const flags = getFlags(fd);
    const wanted = options.nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    if (wanted !== flags) setFlags(fd, wanted);
  }
}
