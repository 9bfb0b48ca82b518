// Thin typed system calls on sockets, and the kernel's numbers for them (tcp(7), socket(7), <linux/tcp.h>).
import { SysError, sys, sysRaw } from '@criu/native';
import { SOL_TCP } from '@criu/native/uapi';

export {
  AF_INET,
  AF_INET6,
  FIONREAD,
  IP_OPTIONS,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  O_NONBLOCK,
  SHUT_RD,
  SHUT_WR,
  SIOCGSKNS,
  SIOCOUTQNSD,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  TIOCOUTQ,
} from '@criu/native/uapi';

export const SO = {
  REUSEADDR: 2,
  ERROR: 4,
  DONTROUTE: 5,
  SNDBUF: 7,
  RCVBUF: 8,
  KEEPALIVE: 9,
  OOBINLINE: 10,
  PRIORITY: 12,
  LINGER: 13,
  REUSEPORT: 15,
  RCVLOWAT: 18,
  RCVTIMEO: 20,
  SNDTIMEO: 21,
  BINDTODEVICE: 25,
  PEERNAME: 28,
  SNDBUFFORCE: 32,
  RCVBUFFORCE: 33,
  MARK: 36,
  PROTOCOL: 38,
  DOMAIN: 39,
  PEEK_OFF: 42,
  BUSY_POLL: 46,
  BUF_LOCK: 72,
} as const;

export const TCP = {
  NODELAY: 1,
  MAXSEG: 2,
  CORK: 3,
  KEEPIDLE: 4,
  KEEPINTVL: 5,
  KEEPCNT: 6,
  SYNCNT: 7,
  LINGER2: 8,
  WINDOW_CLAMP: 10,
  INFO: 11,
  QUICKACK: 12,
  CONGESTION: 13,
  USER_TIMEOUT: 18,
  REPAIR: 19,
  REPAIR_QUEUE: 20,
  QUEUE_SEQ: 21,
  REPAIR_OPTIONS: 22,
  TIMESTAMP: 24,
  NOTSENT_LOWAT: 25,
  REPAIR_WINDOW: 29,
  ULP: 31,
} as const;

export const IPV6 = { PKTOPTIONS_2292: 6, HOPLIMIT: 52 } as const;

export const REPAIR = { on: 1, off: 0, offWithoutProbe: -1 } as const;
export const QUEUE = { none: 0, receive: 1, send: 2 } as const;

/** getsockopt(2) into `bytes`; the length that the kernel filled in. @throws SysError */
export function getOption(fd: number, level: number, name: number, bytes: Uint8Array, what: string): number {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  const result = sysRaw('getsockopt', fd, level, name, bytes, length);
  if (result < 0) throw new SysError(`getsockopt ${what}`, -result);
  return length.readUInt32LE();
}

export function getInt(fd: number, level: number, name: number, what: string): number {
  const value = Buffer.alloc(4);
  getOption(fd, level, name, value, what);
  return value.readInt32LE();
}

/** setsockopt(2). @throws SysError */
export function setOption(fd: number, level: number, name: number, bytes: Uint8Array, what: string): void {
  const result = sysRaw('setsockopt', fd, level, name, bytes, bytes.length);
  if (result < 0) throw new SysError(`setsockopt ${what}`, -result);
}

export function setInt(fd: number, level: number, name: number, value: number, what: string): void {
  setOption(fd, level, name, new Uint8Array(new Int32Array([value]).buffer), what);
}

/** ioctl(2) whose answer is one int. @throws SysError */
export function ioctlInt(fd: number, request: number, what: string): number {
  const value = Buffer.alloc(4);
  const result = sysRaw('ioctl', fd, request, value);
  if (result < 0) throw new SysError(`ioctl ${what}`, -result);
  return value.readInt32LE();
}

export function setRepair(fd: number, value: number): void {
  setInt(fd, SOL_TCP, TCP.REPAIR, value, 'TCP_REPAIR');
}

export function setQueue(fd: number, queue: number): void {
  setInt(fd, SOL_TCP, TCP.REPAIR_QUEUE, queue, 'TCP_REPAIR_QUEUE');
}

export const POLL = { in: 1, err: 8, hup: 0x10, rdhup: 0x2000 } as const;

/** What poll(2) says of a descriptor at once. */
export function pollNow(fd: number): number {
  const entry = new Int32Array([fd, POLL.in | POLL.rdhup]);
  const result = sysRaw('poll', entry, 1, 0);
  if (result < 0) throw new SysError('poll', -result);
  // struct pollfd: the answer is in the upper half of its second word.
  const [, events = 0] = entry;
  return (events >>> 16) & 0xffff;
}

/** Device and inode of an open file, as one comparable text. */
export function identity(fd: number): string {
  const stat = new BigUint64Array(18);
  sys('fstat', fd, stat);
  return `${stat[0]}:${stat[1]}`;
}

export function getFlags(fd: number): number {
  return sys('fcntl', fd, 3 /* F_GETFL */, 0);
}

export function setFlags(fd: number, flags: number): void {
  sys('fcntl', fd, 4 /* F_SETFL */, flags);
}
