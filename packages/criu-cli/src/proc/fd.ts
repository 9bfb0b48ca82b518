/** `/proc/PID/fd`: the open descriptors of a task and the targets of their links (proc_pid_fd(5)). */

import { PROC_ROOT, readLinkIfAny, readNumbers } from './io.js';
import { looksDeleted } from './names.js';

/** What a descriptor's link names. */
export type FdTarget =
  /** Anything with a path: file, folder, device, fifo, memfd (`/memfd:name`), message queue. */
  | { kind: 'path'; path: string; deleted: boolean }
  | { kind: 'socket'; ino: bigint }
  | { kind: 'pipe'; ino: bigint }
  /** `anon_inode:[eventpoll]` has the name `eventpoll`, `anon_inode:inotify` the name `inotify`. */
  | { kind: 'anon'; name: string }
  /** A namespace file, or another file system's `type:[inode]`. */
  | { kind: 'inode'; type: string; ino: bigint };

export interface FdEntry {
  fd: number;
  /** The link as it is. */
  link: string;
}

/**
 * The numbers of a task's open descriptors, ascending. They are listed by `/proc/PID/fdinfo`, of which a dump reads all files: the
 * kernel makes an inode for each that it lists.
 */
export function readFdNumbers(pid: number, root: string = PROC_ROOT): number[] {
  return readNumbers(`${root}/${pid}/fdinfo`, pid, root);
}

/** A task's open descriptors with their links, ascending; one that is closed meanwhile is left out. */
export function readFds(pid: number, root: string = PROC_ROOT): FdEntry[] {
  const entries: FdEntry[] = [];
  for (const fd of readFdNumbers(pid, root)) {
    const link = readLinkIfAny(pid, `fd/${fd}`, root);
    if (link !== undefined) entries.push({ fd, link });
  }
  return entries;
}

const ANON = 'anon_inode:';

/** Parses a descriptor's link; text of no other form is a path. */
export function parseFdLink(link: string): FdTarget {
  if (link.startsWith('/')) return { kind: 'path', path: link, deleted: looksDeleted(link) };
  if (link.startsWith(ANON)) {
    const name = link.slice(ANON.length);
    const bracketed = name.startsWith('[') && name.endsWith(']');
    return { kind: 'anon', name: bracketed ? name.slice(1, -1) : name };
  }
  const numbered = parseInodeLink(link);
  if (numbered === undefined) return { kind: 'path', path: link, deleted: looksDeleted(link) };
  if (numbered.type === 'socket' || numbered.type === 'pipe')
    return { kind: numbered.type, ino: numbered.ino };
  return { kind: 'inode', ...numbered };
}

/** Takes `type:[inode]` apart; undefined if the link is not of that form. */
export function parseInodeLink(link: string): { type: string; ino: bigint } | undefined {
  const colon = link.indexOf(':[');
  if (colon <= 0 || !link.endsWith(']')) return undefined;
  const digits = link.slice(colon + 2, -1);
  if (digits.length === 0 || digits.length > 20 || !isDecimal(digits)) return undefined;
  return { type: link.slice(0, colon), ino: BigInt(digits) };
}

/** A loop, since it runs for each descriptor and a regular expression takes time to compile. */
function isDecimal(digits: string): boolean {
  for (let i = 0; i < digits.length; i++) {
    const code = digits.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
