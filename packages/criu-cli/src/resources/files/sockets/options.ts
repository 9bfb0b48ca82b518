// Reads options that sockets of all families have (socket(7)).
import type { Encodable, SkOptsEntry } from '@criu/images';
import { decodeCString, SysError, sysRaw } from '@criu/native';
import {
  AF_NETLINK,
  AF_UNIX,
  IFNAMSIZ,
  linger,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BUF_LOCK,
  SO_DONTROUTE,
  SO_GET_FILTER,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_NO_CHECK,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSSEC,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SOL_SOCKET,
  sock_filter,
  timeval,
} from '@criu/native/uapi';

/** Value of an option as bytes; the kernel returns the length. @throws SysError */
export function optionBytes(fd: number, level: number, name: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const length = new Uint32Array([size]);
  const result = sysRaw('getsockopt', fd, level, name, bytes, length);
  if (result < 0) throw new SysError('getsockopt', -result, `option ${level}/${name}`);
  return bytes.subarray(0, length[0]);
}

/** Value of an option that is an int. @throws SysError */
export function option(fd: number, name: number, level: number = SOL_SOCKET): number {
  return optionBytes(fd, level, name, 4).readInt32LE(0);
}

/** Whether this kernel supports an option for this socket. */
export function knows(fd: number, name: number, level: number = SOL_SOCKET): boolean {
  return sysRaw('getsockopt', fd, level, name, Buffer.alloc(8), new Uint32Array([8])) >= 0;
}

/**
 * A classic BPF filter as images have it, one 64-bit word per instruction. @param instructions their number, as
 * reported by SO_GET_FILTER
 */
export function filterWords(fd: number, instructions: number): bigint[] {
  if (instructions === 0) return [];
  const length = new Uint32Array([instructions]);
  const bytes = Buffer.alloc(instructions * sock_filter.sizeof);
  const read = sysRaw('getsockopt', fd, SOL_SOCKET, SO_GET_FILTER, bytes, length);
  if (read < 0) throw new SysError('getsockopt', -read, 'SO_GET_FILTER');
  return Array.from({ length: instructions }, (_, i) => {
    const at = i * sock_filter.sizeof;
    const code = BigInt(bytes.readUInt16LE(at + sock_filter.code));
    const jt = BigInt(bytes.readUInt8(at + sock_filter.jt));
    const jf = BigInt(bytes.readUInt8(at + sock_filter.jf));
    return (code << 48n) | (jt << 40n) | (jf << 32n) | BigInt(bytes.readUInt32LE(at + sock_filter.k));
  });
}

const NUMBERS = [
  SO_SNDBUF,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_PRIORITY,
  SO_RCVLOWAT,
  SO_MARK,
  SO_DONTROUTE,
  SO_NO_CHECK,
  SO_REUSEPORT,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_OOBINLINE,
  SO_BUF_LOCK,
  SO_PASSCRED,
  SO_PASSSEC,
];

/** `PASSCRED` and `PASSSEC` are read for all families, but used only for those that support them. */
export const FIELD_OPTIONS: readonly (readonly [name: number, size: number])[] = [
  ...NUMBERS.map((name) => [name, 4] as const),
  [SO_SNDTIMEO, timeval.sizeof],
  [SO_RCVTIMEO, timeval.sizeof],
  [SO_LINGER, linger.sizeof],
  [SO_BINDTODEVICE, IFNAMSIZ],
];

/**
 * The fields of the options entry of a socket.
 * @param value returns the bytes of each of FIELD_OPTIONS; empty for SO_BUF_LOCK before Linux 5.14, which does not have
 * it
 */
export function optionFields(
  value: (name: number) => Buffer,
  family: number,
  filter: readonly bigint[],
): Encodable<SkOptsEntry> {
  const number = (name: number) => value(name).readInt32LE(0);
  const flag = (name: number) => number(name) !== 0;
  const time = (name: number) => {
    const bytes = value(name);
    return [bytes.readBigInt64LE(timeval.tv_sec), bytes.readBigInt64LE(timeval.tv_usec)] as const;
  };
  const [sendSec, sendUsec] = time(SO_SNDTIMEO);
  const [receiveSec, receiveUsec] = time(SO_RCVTIMEO);
  const mark = number(SO_MARK);
  const lingers = value(SO_LINGER);
  const lock = value(SO_BUF_LOCK);
  const device = decodeCString(value(SO_BINDTODEVICE));
  const credentials = family === AF_UNIX || family === AF_NETLINK;
  return {
    so_sndbuf: number(SO_SNDBUF),
    so_rcvbuf: number(SO_RCVBUF),
    so_snd_tmo_sec: sendSec,
    so_snd_tmo_usec: sendUsec,
    so_rcv_tmo_sec: receiveSec,
    so_rcv_tmo_usec: receiveUsec,
    reuseaddr: flag(SO_REUSEADDR),
    so_priority: number(SO_PRIORITY),
    so_rcvlowat: number(SO_RCVLOWAT),
    ...(mark ? { so_mark: mark } : {}),
    ...(credentials ? { so_passcred: flag(SO_PASSCRED), so_passsec: flag(SO_PASSSEC) } : {}),
    so_dontroute: flag(SO_DONTROUTE),
    so_no_check: flag(SO_NO_CHECK),
    ...(device ? { so_bound_dev: device } : {}),
    so_filter: filter,
    so_reuseport: flag(SO_REUSEPORT),
    so_broadcast: flag(SO_BROADCAST),
    so_keepalive: flag(SO_KEEPALIVE),
    so_oobinline: number(SO_OOBINLINE),
    ...(lingers.readInt32LE(linger.l_onoff) ? { so_linger: lingers.readInt32LE(linger.l_linger) } : {}),
    ...(lock.length > 0 ? { so_buf_lock: lock.readInt32LE(0) } : {}),
  };
}
