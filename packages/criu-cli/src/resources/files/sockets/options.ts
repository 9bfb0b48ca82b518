// Reads options that sockets of all families have (socket(7)).
import type { Encodable, SkOptsEntry } from '@criu/images';
import { decodeCString, SysError, sysRaw } from '@criu/native';
import { SOL_SOCKET } from '@criu/native/uapi';

export const SO = {
  REUSEADDR: 2,
  TYPE: 3,
  DONTROUTE: 5,
  BROADCAST: 6,
  SNDBUF: 7,
  RCVBUF: 8,
  KEEPALIVE: 9,
  OOBINLINE: 10,
  NO_CHECK: 11,
  PRIORITY: 12,
  LINGER: 13,
  REUSEPORT: 15,
  PASSCRED: 16,
  RCVLOWAT: 18,
  RCVTIMEO: 20,
  SNDTIMEO: 21,
  BINDTODEVICE: 25,
  GET_FILTER: 26,
  PEERNAME: 28,
  TIMESTAMP: 29,
  PASSSEC: 34,
  TIMESTAMPNS: 35,
  MARK: 36,
  TIMESTAMPING: 37,
  PROTOCOL: 38,
  DOMAIN: 39,
  RXQ_OVFL: 40,
  PEEK_OFF: 42,
  SELECT_ERR_QUEUE: 45,
  TIMESTAMP_NEW: 63,
  TIMESTAMPNS_NEW: 64,
  TIMESTAMPING_NEW: 65,
  BUF_LOCK: 72,
  RCVMARK: 75,
  PASSPIDFD: 76,
  RCVPRIORITY: 82,
  PASSRIGHTS: 83,
  INQ: 84,
} as const;
export const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17 } as const;
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, SEQPACKET: 5 } as const;
/** Socket states; all families use the numbers of TCP. */
export const STATE = { ESTABLISHED: 1, FIN_WAIT2: 5, TIME_WAIT: 6, CLOSE: 7, LISTEN: 10 } as const;

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
  const bytes = Buffer.alloc(instructions * 8);
  const read = sysRaw('getsockopt', fd, SOL_SOCKET, SO.GET_FILTER, bytes, length);
  if (read < 0) throw new SysError('getsockopt', -read, 'SO_GET_FILTER');
  return Array.from({ length: bytes.length / 8 }, (_, i) => {
    const code = BigInt(bytes.readUInt16LE(i * 8));
    const jt = BigInt(bytes.readUInt8(i * 8 + 2));
    const jf = BigInt(bytes.readUInt8(i * 8 + 3));
    return (code << 48n) | (jt << 40n) | (jf << 32n) | BigInt(bytes.readUInt32LE(i * 8 + 4));
  });
}

const NUMBERS = [
  SO.SNDBUF,
  SO.RCVBUF,
  SO.REUSEADDR,
  SO.PRIORITY,
  SO.RCVLOWAT,
  SO.MARK,
  SO.DONTROUTE,
  SO.NO_CHECK,
  SO.REUSEPORT,
  SO.BROADCAST,
  SO.KEEPALIVE,
  SO.OOBINLINE,
  SO.BUF_LOCK,
  SO.PASSCRED,
  SO.PASSSEC,
];

/** `PASSCRED` and `PASSSEC` are read for all families, but used only for those that support them. */
export const FIELD_OPTIONS: readonly (readonly [name: number, size: number])[] = [
  ...NUMBERS.map((name) => [name, 4] as const),
  [SO.SNDTIMEO, 16],
  [SO.RCVTIMEO, 16],
  [SO.LINGER, 8],
  [SO.BINDTODEVICE, 16],
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
    return [bytes.readBigInt64LE(0), bytes.readBigInt64LE(8)] as const;
  };
  const [sendSec, sendUsec] = time(SO.SNDTIMEO);
  const [receiveSec, receiveUsec] = time(SO.RCVTIMEO);
  const mark = number(SO.MARK);
  const linger = value(SO.LINGER);
  const lock = value(SO.BUF_LOCK);
  const device = decodeCString(value(SO.BINDTODEVICE));
  const credentials = family === AF.UNIX || family === AF.NETLINK;
  return {
    so_sndbuf: number(SO.SNDBUF),
    so_rcvbuf: number(SO.RCVBUF),
    so_snd_tmo_sec: sendSec,
    so_snd_tmo_usec: sendUsec,
    so_rcv_tmo_sec: receiveSec,
    so_rcv_tmo_usec: receiveUsec,
    reuseaddr: flag(SO.REUSEADDR),
    so_priority: number(SO.PRIORITY),
    so_rcvlowat: number(SO.RCVLOWAT),
    ...(mark ? { so_mark: mark } : {}),
    ...(credentials ? { so_passcred: flag(SO.PASSCRED), so_passsec: flag(SO.PASSSEC) } : {}),
    so_dontroute: flag(SO.DONTROUTE),
    so_no_check: flag(SO.NO_CHECK),
    ...(device ? { so_bound_dev: device } : {}),
    so_filter: filter,
    so_reuseport: flag(SO.REUSEPORT),
    so_broadcast: flag(SO.BROADCAST),
    so_keepalive: flag(SO.KEEPALIVE),
    so_oobinline: number(SO.OOBINLINE),
    ...(linger.readInt32LE(0) ? { so_linger: linger.readInt32LE(4) } : {}),
    ...(lock.length > 0 ? { so_buf_lock: lock.readInt32LE(0) } : {}),
  };
}
