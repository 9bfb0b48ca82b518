// Options that sockets of all families get back (socket(7)).
import type { Program } from '@criu/compel';
import { SO_ATTACH_FILTER, SO_RCVBUFFORCE, SO_SNDBUFFORCE } from '@criu/native/uapi';
import type { SkOptsEntry } from '../../../images/types.js';
import { setMoreOptions } from './more-options.js';
import { SO, SOL_SOCKET } from './options.js';

/** An option that is one int. */
export function setOption(p: Program, fd: number, name: number, value: number, level = SOL_SOCKET): void {
  p.syscall('setsockopt', [fd, level, name, p.i32(value), 4], { label: `option ${name} of fd ${fd}` });
}

/** The same of an option that not every kernel has. */
export function setIfKnown(p: Program, fd: number, name: number, value: number): void {
  p.syscall('setsockopt', [fd, SOL_SOCKET, name, p.i32(value), 4], {
    expect: 'any',
    label: `option ${name} of fd ${fd}`,
  });
}

/** Makes room to write `bytes` without a reader. The options of the image are set afterwards. */
export function enlargeSendBuffer(p: Program, fd: number, bytes: number): void {
  setOption(p, fd, SO_SNDBUFFORCE, Math.min(bytes * 4 + (256 << 10), 0x3fffffff));
}

/** struct sock_filter of each word, and the sock_fprog that leads to them. */
export function attachFilter(p: Program, fd: number, words: readonly bigint[]): void {
  const code = Buffer.alloc(words.length * 8);
  for (const [i, word] of words.entries()) {
    code.writeUInt16LE(Number((word >> 48n) & 0xffffn), i * 8);
    code.writeUInt8(Number((word >> 40n) & 0xffn), i * 8 + 2);
    code.writeUInt8(Number((word >> 32n) & 0xffn), i * 8 + 3);
    code.writeUInt32LE(Number(word & 0xffffffffn), i * 8 + 4);
  }
  const program = p.data(16);
  p.poke(program, words.length, 2);
  p.poke(p.at(program, 8), p.data(code), 8);
  p.syscall('setsockopt', [fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16], { label: `filter of fd ${fd}` });
}

/**
 * Everything that does not get in the way of what is still to be done with the socket comes here at the end: buffer
 * sizes, time limits and the filter. SO_REUSEADDR has to be right before bind(2), so its family sets it.
 */
export function setSocketOptions(p: Program, fd: number, opts: SkOptsEntry): void {
  setMoreOptions(p, fd, opts, ['early']);
  // The kernel doubles what it is given.
  setOption(p, fd, SO_SNDBUFFORCE, opts.so_sndbuf >>> 1);
  setOption(p, fd, SO_RCVBUFFORCE, opts.so_rcvbuf >>> 1);
  if (opts.so_buf_lock !== undefined) setOption(p, fd, SO.BUF_LOCK, opts.so_buf_lock);
  if (opts.so_priority !== undefined) setOption(p, fd, SO.PRIORITY, opts.so_priority);
  if (opts.so_rcvlowat !== undefined) setOption(p, fd, SO.RCVLOWAT, opts.so_rcvlowat);
  if (opts.so_mark !== undefined) setOption(p, fd, SO.MARK, opts.so_mark);
  const flags: [number, boolean | number | undefined][] = [
    [SO.PASSCRED, opts.so_passcred],
    [SO.PASSSEC, opts.so_passsec],
    [SO.DONTROUTE, opts.so_dontroute],
    [SO.NO_CHECK, opts.so_no_check],
    [SO.BROADCAST, opts.so_broadcast],
    [SO.OOBINLINE, opts.so_oobinline],
    [SO.KEEPALIVE, opts.so_keepalive],
  ];
  for (const [name, on] of flags) if (on) setOption(p, fd, name, 1);
  if (opts.so_linger !== undefined)
    p.syscall('setsockopt', [fd, SOL_SOCKET, SO.LINGER, p.i32(1, opts.so_linger), 8]);
  for (const [name, sec, usec] of [
    [SO.SNDTIMEO, opts.so_snd_tmo_sec, opts.so_snd_tmo_usec],
    [SO.RCVTIMEO, opts.so_rcv_tmo_sec, opts.so_rcv_tmo_usec],
  ] as const)
    if (sec || usec) p.syscall('setsockopt', [fd, SOL_SOCKET, name, p.u64(sec, usec), 16]);
  if (opts.so_bound_dev) {
    const device = p.cstring(opts.so_bound_dev);
    p.syscall('setsockopt', [fd, SOL_SOCKET, SO.BINDTODEVICE, device, device.size]);
  }
  if (opts.so_filter.length > 0) attachFilter(p, fd, opts.so_filter);
  setMoreOptions(p, fd, opts, ['late', 'last']);
}
