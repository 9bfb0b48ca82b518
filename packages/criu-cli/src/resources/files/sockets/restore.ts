// Restores options that sockets of all families have (socket(7)).
import type { Program } from '@criu/compel';
import {
  linger,
  SO_ATTACH_FILTER,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BUF_LOCK,
  SO_DONTROUTE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_NO_CHECK,
  SO_OOBINLINE,
  SO_PASSCRED,
  SO_PASSSEC,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDTIMEO,
  SOL_SOCKET,
  sock_filter,
  sock_fprog,
  timeval,
} from '@criu/native/uapi';
import type { PhaseName, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { SkOptsEntry } from '../../../images/types.js';
import { callerSets, isLimited } from '../../../views/planned-users.js';
import { setMoreOptions } from './more-options.js';
import { intOption, type Place, setByCaller, setOwn } from './place.js';

const MOST_ROOM = 0x3fffffff;

/** Sets an option that is an int. */
export function setOption(p: Program, fd: number, name: number, value: number, level = SOL_SOCKET): void {
  p.syscall('setsockopt', [fd, level, name, p.constant(value), 4], {
    label: () => `option ${name} of fd ${fd}`,
  });
}

/** Sets an option that some kernels lack. */
export function setIfKnown(p: Program, fd: number, name: number, value: number): void {
  p.syscall('setsockopt', [fd, SOL_SOCKET, name, p.constant(value), 4], {
    expect: 'any',
    label: () => `option ${name} of fd ${fd}`,
  });
}

/**
 * Options that need privileges: buffers beyond net.core.wmem_max and rmem_max those of the host, others CAP_NET_ADMIN in the network
 * namespace of the socket, which may be the host's.
 * @param options names and values in turn
 */
function setForced(place: Place, fd: number, options: readonly number[]): void {
  const { ctx, plan, phase } = place;
  const pairs = Array.from(
    { length: options.length / 2 },
    (_, i) => [options[2 * i] ?? 0, options[2 * i + 1] ?? 0] as const,
  );
  if (callerSets(ctx)) {
    const values = pairs.map(([name, value]) => intOption(name, value));
    setByCaller(place, fd, `buffers and mark of fd ${fd}`, values);
    return;
  }
  const limited = isLimited(ctx);
  for (const [name, value] of pairs) {
    if (limited) setLimited(plan, phase, fd, UNFORCED.get(name) ?? name, value);
    else setOption(plan.program(phase), fd, name, value);
  }
}

/** The corresponding options that need no privileges; their values are limited. */
const UNFORCED: ReadonlyMap<number, number> = new Map([
  [SO_SNDBUFFORCE, SO_SNDBUF],
  [SO_RCVBUFFORCE, SO_RCVBUF],
]);

/** Sets an option whose value may be limited, and checks the result. */
function setLimited(plan: TaskPlan, phase: PhaseName, fd: number, name: number, value: number): void {
  const p = plan.program(phase);
  setOption(p, fd, name, value);
  if (!isSize(name)) return;
  const now = p.data(4);
  const label = `size of a buffer of fd ${fd}`;
  p.syscall('getsockopt', [fd, SOL_SOCKET, name, now, p.i32(4)]);
  p.pollWord(now, 0xffffffff, value * 2, 0, { label });
  plan.means(
    phase,
    label,
    () =>
      new CriuError(
        'NOT_PERMITTED',
        `a socket has a buffer of ${value * 2} bytes, which is more than net.core.wmem_max or rmem_max allows`,
        { pid: plan.pid, fd },
        'this takes CAP_NET_ADMIN: give it to whoever runs criu, raise the limit, or run as root',
      ),
  );
}

function isSize(name: number): boolean {
  return name === SO_SNDBUF || name === SO_RCVBUF;
}

/** Makes room to write `bytes` bytes without a reader. The options of the image are set afterwards. */
export function enlargeSendBuffer(place: Place, fd: number, bytes: number): void {
  if (isLimited(place.ctx)) {
    // As large as permitted; sending fails if that does not suffice.
    setIfKnown(place.plan.program(place.phase), fd, SO_SNDBUF, Math.min(bytes * 4, MOST_ROOM));
    return;
  }
  setForced(place, fd, [SO_SNDBUFFORCE, Math.min(bytes * 4 + (256 << 10), MOST_ROOM)]);
}

/** Makes room to receive `bytes` bytes; done by the restoring process. @throws SysError */
export function enlargeReceiveBuffer(local: number, bytes: number): void {
  setOwn(local, intOption(SO_RCVBUFFORCE, bytes));
}

/** Attaches a classic BPF filter: struct sock_filter for each word, and a sock_fprog that points to them. */
export function attachFilter(p: Program, fd: number, words: readonly bigint[]): void {
  const code = Buffer.alloc(words.length * sock_filter.sizeof);
  for (const [i, word] of words.entries()) {
    const at = i * sock_filter.sizeof;
    code.writeUInt16LE(Number((word >> 48n) & 0xffffn), at + sock_filter.code);
    code.writeUInt8(Number((word >> 40n) & 0xffn), at + sock_filter.jt);
    code.writeUInt8(Number((word >> 32n) & 0xffn), at + sock_filter.jf);
    code.writeUInt32LE(Number(word & 0xffffffffn), at + sock_filter.k);
  }
  const program = p.data(sock_fprog.sizeof);
  p.poke(p.at(program, sock_fprog.len), words.length, 2);
  p.poke(p.at(program, sock_fprog.filter), p.data(code), 8);
  p.syscall('setsockopt', [fd, SOL_SOCKET, SO_ATTACH_FILTER, program, program.size], {
    label: `filter of fd ${fd}`,
  });
}

/** The highest SO_PRIORITY that needs no privileges (socket(7)). */
const MOST_PRIORITY = 6;
/** SO_PRIORITY and SO_RCVLOWAT of a new socket (socket(7)). */
const NEW_PRIORITY = 0;
const NEW_RCVLOWAT = 1;

/** A struct timeval; zero is the default of sockets. */
function setTimeLimit(p: Program, fd: number, name: number, sec: bigint, usec: bigint): void {
  if (sec || usec) p.syscall('setsockopt', [fd, SOL_SOCKET, name, p.u64(sec, usec), timeval.sizeof]);
}

/** Bits of SO_BUF_LOCK: the owner has set the size (SOCK_SNDBUF_LOCK, SOCK_RCVBUF_LOCK). */
const [SENDING, RECEIVING] = [1, 2];

/** Options for buffer sizes. A socket of MPTCP cannot be told that its owner has set none, so it keeps what it has then. */
function buffers({ so_sndbuf, so_rcvbuf, so_buf_lock: lock }: SkOptsEntry, multipath: boolean): number[] {
  const isSet = (bit: number) => !multipath || ((lock ?? 0) & bit) !== 0;
  // The kernel doubles the given value.
  return [
    ...(isSet(SENDING) ? [SO_SNDBUFFORCE, so_sndbuf >>> 1] : []),
    ...(isSet(RECEIVING) ? [SO_RCVBUFFORCE, so_rcvbuf >>> 1] : []),
    ...(lock === undefined || multipath ? [] : [SO_BUF_LOCK, lock]),
  ];
}

/** Binds a socket to a device; only a socket that is not bound to one needs no privileges (Linux 5.7). */
export function bindToDevice(p: Program, fd: number, device: string): void {
  const name = p.cstring(device);
  p.syscall('setsockopt', [fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.size], {
    label: `device ${device} of fd ${fd}`,
  });
}

interface OptionFacts {
  readonly asMade?: boolean;
  readonly multipath?: boolean;
  readonly onDevice?: boolean;
}

/**
 * Sets everything that does not hinder earlier steps: buffer sizes, timeouts and the filter. SO_REUSEADDR has to be
 * right before bind(2), so that is up to the socket's family.
 * @param asMade no option of the socket has changed since it was created
 * @param onDevice the socket is bound to its device already
 */
export function setSocketOptions(
  place: Place,
  fd: number,
  opts: SkOptsEntry,
  { asMade = false, multipath = false, onDevice = false }: OptionFacts = {},
): void {
  const { plan, phase } = place;
  setMoreOptions(place, fd, opts, ['early']);
  const p = plan.program(phase);
  const forced: number[] = [];
  const { so_priority: priority, so_mark: mark } = opts;
  if (priority !== undefined && !(asMade && priority === NEW_PRIORITY)) {
    if (priority > MOST_PRIORITY) forced.push(SO_PRIORITY, priority);
    else setOption(p, fd, SO_PRIORITY, priority);
  }
  if (opts.so_rcvlowat !== undefined && !(asMade && opts.so_rcvlowat === NEW_RCVLOWAT))
    setOption(p, fd, SO_RCVLOWAT, opts.so_rcvlowat);
  if (mark !== undefined) forced.push(SO_MARK, mark);
  if (opts.so_passcred) setOption(p, fd, SO_PASSCRED, 1);
  if (opts.so_passsec) setOption(p, fd, SO_PASSSEC, 1);
  if (opts.so_dontroute) setOption(p, fd, SO_DONTROUTE, 1);
  if (opts.so_no_check) setOption(p, fd, SO_NO_CHECK, 1);
  if (opts.so_broadcast) setOption(p, fd, SO_BROADCAST, 1);
  if (opts.so_oobinline) setOption(p, fd, SO_OOBINLINE, 1);
  if (opts.so_keepalive) setOption(p, fd, SO_KEEPALIVE, 1);
  if (opts.so_linger !== undefined)
    p.syscall('setsockopt', [fd, SOL_SOCKET, SO_LINGER, p.i32(1, opts.so_linger), linger.sizeof]);
  setTimeLimit(p, fd, SO_SNDTIMEO, opts.so_snd_tmo_sec, opts.so_snd_tmo_usec);
  setTimeLimit(p, fd, SO_RCVTIMEO, opts.so_rcv_tmo_sec, opts.so_rcv_tmo_usec);
  if (opts.so_bound_dev && !onDevice) bindToDevice(p, fd, opts.so_bound_dev);
  if (opts.so_filter.length > 0) attachFilter(p, fd, opts.so_filter);
  setMoreOptions(place, fd, opts, ['late', 'last']);
  forced.push(...buffers(opts, multipath));
  setForced(place, fd, forced);
}
