/** The lines that kinds of files add to fdinfo: epoll, timerfd, inotify, fanotify and pidfd (proc_pid_fdinfo(5)). */

import { NSEC_PER_SEC } from '../nanoseconds.js';
import type { Scan } from './scan.js';

export interface EventfdInfo {
  count: bigint;
  /** The same for all descriptors of one eventfd (Linux 5.2). */
  id: number | undefined;
  /** EFD_SEMAPHORE (Linux 6.7). */
  semaphore: boolean | undefined;
}

/** A file in the interest list of an epoll. */
export interface EpollTarget {
  /** Descriptor number at the time it was added; by now it may be closed or refer to another file. */
  tfd: number;
  /** EPOLL* bits; 0 with a fired EPOLLONESHOT but for the input flags. */
  events: number;
  /** `epoll_data_t` of the program. */
  data: bigint;
  /** Position, inode and device of the file, to tell whether `tfd` still is it (Linux 4.13). */
  pos: bigint | undefined;
  ino: bigint | undefined;
  sdev: number | undefined;
}

/** Reads what follows `tfd:`. Values are padded with blanks, before and after. */
export function scanEpoll(scan: Scan): EpollTarget {
  scan.blanks();
  const tfd = scan.int();
  const events = after(scan, 'events:', () => scan.hex());
  const data = after(scan, 'data:', () => scan.hexBig());
  const target: EpollTarget = { tfd, events, data, pos: undefined, ino: undefined, sdev: undefined };
  scan.blanks();
  if (!scan.atLineEnd) {
    target.pos = after(scan, 'pos:', () => scan.big());
    target.ino = after(scan, 'ino:', () => scan.hexBig());
    target.sdev = after(scan, 'sdev:', () => scan.hex());
  }
  scan.endLine();
  return target;
}

/** A timerfd (timerfd_create(2)); times are in nanoseconds. */
export interface TimerfdInfo {
  clockId: number;
  /** Expirations not yet read. */
  ticks: bigint;
  /** Flags of the last timerfd_settime(2). */
  settimeFlags: number;
  /** Time that is left until the next expiration; 0 if it is not armed. */
  value: bigint;
  interval: bigint;
}

/** Reads the five lines of a timerfd. */
export function scanTimerfd(scan: Scan): TimerfdInfo {
  const clockId = after(scan, 'clockid:', () => scan.int());
  scan.endLine();
  const ticks = after(scan, 'ticks:', () => scan.big());
  scan.endLine();
  const settimeFlags = after(scan, 'settime flags:', () => scan.octal());
  scan.endLine();
  const value = after(scan, 'it_value:', () => timespec(scan));
  scan.endLine();
  const interval = after(scan, 'it_interval:', () => timespec(scan));
  scan.endLine();
  return { clockId, ticks, settimeFlags, value, interval };
}

/** Reads `(seconds, nanoseconds)`. */
function timespec(scan: Scan): bigint {
  scan.expect('(');
  const sec = scan.big();
  scan.expect(',');
  scan.blanks();
  const nsec = scan.big();
  scan.expect(')');
  return sec * NSEC_PER_SEC + nsec;
}

/** A handle as name_to_handle_at(2) gives it. */
export interface FileHandle {
  type: number;
  bytes: Uint8Array;
}

export interface InotifyWatch {
  wd: number;
  ino: bigint;
  /** Device in the kernel's own packing: major in the bits from 20 on, minor below. */
  sdev: number;
  /** IN_* bits. */
  mask: number;
  ignoredMask: number;
  /** undefined if the file system has no handles, or CONFIG_EXPORTFS is not set. */
  handle: FileHandle | undefined;
}

/** Reads what follows `inotify `. */
export function scanInotify(scan: Scan): InotifyWatch {
  const wd = after(scan, 'wd:', () => (scan.skip('-') ? -scan.hex() : scan.hex()));
  const ino = after(scan, 'ino:', () => scan.hexBig());
  const sdev = after(scan, 'sdev:', () => scan.hex());
  const mask = after(scan, 'mask:', () => scan.hex());
  const ignoredMask = after(scan, 'ignored_mask:', () => scan.hex());
  const handle = scanHandle(scan);
  scan.endLine();
  return { wd, ino, sdev, mask, ignoredMask, handle };
}

export interface FanotifyInfo {
  /** FAN_* of fanotify_init(2). */
  flags: number;
  /** O_* of the descriptors that events bring. */
  eventFlags: number;
  marks: FanotifyMark[];
}

interface FanotifyMasks {
  /** FAN_MARK_* flags that the mark has. */
  markFlags: number;
  mask: bigint;
  ignoredMask: bigint;
}

/** A mark on an inode, a mount, a file system, or all mounts of a namespace (Linux 6.14). */
export type FanotifyMark = FanotifyMasks &
  (
    | { kind: 'inode'; ino: bigint; sdev: number; handle: FileHandle | undefined }
    | { kind: 'mount'; mntId: number }
    | { kind: 'filesystem'; sdev: number }
    | { kind: 'mntns'; ino: bigint }
  );

/** Reads what follows `fanotify ` in the line of a mark. */
export function scanFanotify(scan: Scan): FanotifyMark {
  if (scan.skip('ino:')) {
    const ino = scan.hexBig();
    const sdev = after(scan, 'sdev:', () => scan.hex());
    const masks = scanMasks(scan);
    const handle = scanHandle(scan);
    scan.endLine();
    return { kind: 'inode', ino, sdev, handle, ...masks };
  }
  if (scan.skip('mnt_id:')) {
    const mntId = scan.hex();
    return { kind: 'mount', mntId, ...lastMasks(scan) };
  }
  if (scan.skip('mnt_ns:')) {
    // The one number of these lines that is decimal.
    const ino = scan.big();
    return { kind: 'mntns', ino, ...lastMasks(scan) };
  }
  scan.expect('sdev:');
  const sdev = scan.hex();
  return { kind: 'filesystem', sdev, ...lastMasks(scan) };
}

function scanMasks(scan: Scan): FanotifyMasks {
  return {
    markFlags: after(scan, 'mflags:', () => scan.hex()),
    mask: after(scan, 'mask:', () => scan.hexBig()),
    ignoredMask: after(scan, 'ignored_mask:', () => scan.hexBig()),
  };
}

function lastMasks(scan: Scan): FanotifyMasks {
  const masks = scanMasks(scan);
  scan.endLine();
  return masks;
}

/** Reads `fhandle-bytes:8 fhandle-type:1 f_handle:0011…`, if it is there. */
function scanHandle(scan: Scan): FileHandle | undefined {
  scan.blanks();
  if (!scan.skip('fhandle-bytes:')) return undefined;
  const size = scan.hex();
  const type = after(scan, 'fhandle-type:', () => scan.hex());
  scan.blanks();
  scan.expect('f_handle:');
  const digits = scan.word();
  if (digits.length !== size * 2 || !/^[0-9a-f]*$/.test(digits)) {
    throw scan.error(`expected a handle of ${size} bytes`);
  }
  return { type, bytes: Uint8Array.from(Buffer.from(digits, 'hex')) };
}

export interface PidfdInfo {
  /** In the pid namespace of this procfs: 0 if it is outside of it, -1 if the process is reaped. */
  pid: number;
  /** In each namespace from that of the procfs inwards. */
  nsPid: number[];
}

/** Reads the numbers up to the end of the line. */
export function scanPidList(scan: Scan): number[] {
  const list: number[] = [];
  for (scan.blanks(); !scan.atLineEnd; scan.blanks()) list.push(scan.int());
  scan.nextLine();
  return list;
}

/** Reads the value that follows a key, with any blanks about it. */
function after<T>(scan: Scan, key: string, read: () => T): T {
  scan.blanks();
  scan.expect(key);
  scan.blanks();
  return read();
}
