/** `/proc/locks`, and the same lines in fdinfo: file locks and leases (proc_locks(5)). */

import { PROC_ROOT, type ProcText, readGlobalText, textAhead } from './io.js';
import { Scan } from './scan.js';

/** End of a lock that reaches to the end of the file (the kernel's OFFSET_MAX). */
export const LOCK_EOF = 0x7fff_ffff_ffff_ffffn;

export interface FileLock {
  /** Number of the line; waiters have the number of the lock they wait for. */
  id: number;
  /** Whether this one waits for the lock. */
  blocked: boolean;
  /** POSIX, OFDLCK, FLOCK, LEASE, DELEG, ACCESS. */
  type: string;
  /** ADVISORY or MANDATORY; of leases ACTIVE, BREAKING or BREAKER. */
  mode: string;
  /** READ, WRITE, UNLCK; RW or NONE of mandatory flock. */
  access: string;
  /** The owner in the pid namespace of this procfs: 0 if outside of it, -1 of an OFD lock. */
  pid: number;
  /** Device and inode; undefined if the lock has no file (shown as `<none>`). */
  major: number | undefined;
  minor: number | undefined;
  ino: bigint;
  /** First byte. */
  start: bigint;
  /** Last byte, {@link LOCK_EOF} if there is none. */
  end: bigint;
}

/** Reads the lock at the cursor, from its number on, and steps to the next line. */
export function scanLock(scan: Scan): FileLock {
  scan.blanks();
  const id = scan.dec();
  scan.expect(':');
  scan.blanks();
  const blocked = scan.skip('->');
  const type = field(scan);
  const mode = field(scan);
  const access = field(scan);
  scan.blanks();
  const pid = scan.int();
  scan.blanks();
  let major: number | undefined;
  let minor: number | undefined;
  if (!scan.skip('<none>:')) {
    major = scan.hex();
    scan.expect(':');
    minor = scan.hex();
    scan.expect(':');
  }
  const ino = scan.big();
  scan.blanks();
  const start = scan.big();
  scan.blanks();
  const end = scan.skip('EOF') ? LOCK_EOF : scan.big();
  scan.endLine();
  return { id, blocked, type, mode, access, pid, major, minor, ino, start, end };
}

function field(scan: Scan): string {
  scan.blanks();
  const word = scan.word();
  if (word === '') throw scan.error('expected a word about the lock');
  return word;
}

/** Parses the text of locks. */
export function parseLocks(text: ProcText, file = 'locks'): FileLock[] {
  const scan = new Scan(text, file);
  const locks: FileLock[] = [];
  while (!scan.atEnd) locks.push(scanLock(scan));
  return locks;
}

/**
 * Starts reading the locks in a thread: the kernel makes the reader wait for all CPUs (RCU), for ten milliseconds and
 * more. Calling the result waits for the rest of that time.
 */
export function readLocksAhead(root: string = PROC_ROOT): () => FileLock[] {
  const text = textAhead('locks', root);
  return () => parseLocks(text(), `${root}/locks`);
}

/** Reads the locks of the system, as far as this procfs's pid namespace sees their owners. */
export function readLocks(root: string = PROC_ROOT): FileLock[] {
  return parseLocks(readGlobalText('locks', root), `${root}/locks`);
}
