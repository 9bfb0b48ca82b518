/** `/proc/PID/fdinfo/FD`: position, flags and what the kind of file adds to them (proc_pid_fdinfo(5)). */

import { decodeLatin1 } from '@criu/native';
import {
  type EpollTarget,
  type EventfdInfo,
  type FanotifyInfo,
  type FanotifyMark,
  type InotifyWatch,
  type PidfdInfo,
  scanEpoll,
  scanFanotify,
  scanInotify,
  scanPidList,
  scanTimerfd,
  type TimerfdInfo,
} from './fdinfo-kinds.js';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { type FileLock, scanLock } from './locks.js';
import { Scan } from './scan.js';

/** The contents of fdinfo; lists are empty and other fields undefined if the kind of file does not have them. */
export interface FdInfo {
  /** File position in bytes. */
  pos: bigint;
  /** O_* as in fcntl(2), with O_CLOEXEC if the descriptor (not the description) has it. */
  flags: number;
  mntId: number;
  /** Inode number (Linux 5.15). */
  ino: bigint | undefined;
  /** The lines after the common ones, undecoded, including those that are parsed into the fields below. */
  lines: readonly string[];
  /** Locks and leases that this task holds through this file. */
  locks: readonly FileLock[];
  eventfd: EventfdInfo | undefined;
  epoll: readonly EpollTarget[];
  /** Set of a signalfd; signal N is bit N-1. */
  sigmask: bigint | undefined;
  inotify: readonly InotifyWatch[];
  fanotify: FanotifyInfo | undefined;
  timerfd: TimerfdInfo | undefined;
  pidfd: PidfdInfo | undefined;
  /** Interface of a tun or tap file; empty if it is attached to none. */
  tun: string | undefined;
  /** Descriptors in flight to a Unix socket (Linux 5.6). */
  scmFds: number | undefined;
  /** Index of the terminal whose master this is. */
  ttyIndex: number | undefined;
  /** Whether it is an io_uring. */
  ioUring: boolean;
}

const NONE: readonly never[] = Object.freeze([]);

/** The lines that fdinfo has for all kinds of files. */
export type FdInfoHead = Pick<FdInfo, 'pos' | 'flags' | 'mntId' | 'ino'>;

/** Parses the text of fdinfo; lines of kinds that are not known stay in `lines`. */
export function parseFdInfo(text: ProcText, file = 'fdinfo'): FdInfo {
  const scan = new Scan(text, file);
  const head: FdInfoHead = {
    pos: number(scan, 'pos:', () => scan.big()),
    flags: number(scan, 'flags:', () => scan.octal()),
    mntId: number(scan, 'mnt_id:', () => scan.int()),
    ino: scan.text.startsWith('ino:', scan.pos) ? number(scan, 'ino:', () => scan.big()) : undefined,
  };
  return withMore(head, scan);
}

/** Combines first lines that were parsed already with the text of the lines below them. */
export function fdInfoOf(head: FdInfoHead, more: ProcText, file = 'fdinfo'): FdInfo {
  return withMore(head, new Scan(more, file));
}

function withMore({ pos, flags, mntId, ino }: FdInfoHead, scan: Scan): FdInfo {
  const { text } = scan;
  const info: FdInfo = {
    pos,
    flags,
    mntId,
    ino,
    lines: NONE,
    locks: NONE,
    eventfd: undefined,
    epoll: NONE,
    sigmask: undefined,
    inotify: NONE,
    fanotify: undefined,
    timerfd: undefined,
    pidfd: undefined,
    tun: undefined,
    scmFds: undefined,
    ttyIndex: undefined,
    ioUring: false,
  };
  if (scan.atEnd) return info;

  const more = new Lists();
  while (!scan.atEnd) {
    const from = scan.pos;
    const known = scanLine(scan, info, more);
    if (!known) scan.nextLine();
    // Records of more than one line (a timerfd) were read as a whole.
    for (let at = from; at < scan.pos && at < text.length; ) {
      let end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      more.lines.push(text.slice(at, end));
      at = end + 1;
    }
  }
  info.lines = more.lines;
  if (more.locks.length > 0) info.locks = more.locks;
  if (more.epoll.length > 0) info.epoll = more.epoll;
  if (more.inotify.length > 0) info.inotify = more.inotify;
  if (info.fanotify !== undefined) info.fanotify.marks = more.fanotify;
  return info;
}

/** Reads fdinfo of one descriptor of a task. */
export function readFdInfo(pid: number, fd: number, root: string = PROC_ROOT): FdInfo {
  const name = `fdinfo/${fd}`;
  return parseFdInfo(readText(pid, name, root), `${root}/${pid}/${name}`);
}

class Lists {
  readonly lines: string[] = [];
  readonly locks: FileLock[] = [];
  readonly epoll: EpollTarget[] = [];
  readonly inotify: InotifyWatch[] = [];
  readonly fanotify: FanotifyMark[] = [];
}

function number<T>(scan: Scan, key: string, read: () => T): T {
  scan.expect(key);
  scan.blanks();
  const value = read();
  scan.endLine();
  return value;
}

/** Reads the record at the cursor if it is of a known kind; the cursor ends on the start of a line. */
function scanLine(scan: Scan, info: FdInfo, more: Lists): boolean {
  if (scan.skip('lock:')) {
    more.locks.push(scanLock(scan));
  } else if (scan.skip('tfd:')) {
    more.epoll.push(scanEpoll(scan));
  } else if (scan.skip('inotify ')) {
    more.inotify.push(scanInotify(scan));
  } else if (scan.skip('fanotify flags:')) {
    const flags = scan.hex();
    scan.expect(' event-flags:');
    info.fanotify = { flags, eventFlags: scan.hex(), marks: [] };
    scan.endLine();
  } else if (scan.skip('fanotify ')) {
    more.fanotify.push(scanFanotify(scan));
  } else if (scan.text.startsWith('eventfd-count:', scan.pos)) {
    const count = number(scan, 'eventfd-count:', () => scan.hexBig());
    info.eventfd = { count, id: undefined, semaphore: undefined };
  } else if (info.eventfd !== undefined && scan.text.startsWith('eventfd-id:', scan.pos)) {
    info.eventfd.id = number(scan, 'eventfd-id:', () => scan.int());
  } else if (info.eventfd !== undefined && scan.text.startsWith('eventfd-semaphore:', scan.pos)) {
    info.eventfd.semaphore = number(scan, 'eventfd-semaphore:', () => scan.int()) !== 0;
  } else if (scan.text.startsWith('sigmask:', scan.pos)) {
    info.sigmask = number(scan, 'sigmask:', () => scan.hexBig());
  } else if (scan.text.startsWith('clockid:', scan.pos)) {
    info.timerfd = scanTimerfd(scan);
  } else if (scan.text.startsWith('Pid:', scan.pos)) {
    info.pidfd = { pid: number(scan, 'Pid:', () => scan.int()), nsPid: [] };
  } else if (info.pidfd !== undefined && scan.skip('NSpid:')) {
    info.pidfd.nsPid = scanPidList(scan);
  } else if (scan.skip('iff:')) {
    scan.blanks();
    info.tun = decodeLatin1(scan.rest());
  } else if (scan.text.startsWith('scm_fds:', scan.pos)) {
    info.scmFds = number(scan, 'scm_fds:', () => scan.dec());
  } else if (scan.text.startsWith('tty-index:', scan.pos)) {
    info.ttyIndex = number(scan, 'tty-index:', () => scan.int());
  } else if (scan.skip('SqMask:')) {
    info.ioUring = true;
    scan.nextLine();
  } else {
    return false;
  }
  return true;
}
