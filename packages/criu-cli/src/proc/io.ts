/** Synchronous reads of `/proc` files, links and directories; errors are classified by their meaning. */

import { addon, decodeLatin1, readAhead, SysError } from '@criu/native';
import { closeSync, existsSync, openSync, readSync } from '@criu/native/fs';
import { ProcError, TaskGoneError } from './errors.js';

/** Default mount point of procfs; readers take another one for another pid namespace. */
export const PROC_ROOT = '/proc';

/**
 * Text of a procfs file with exactly one character for each byte (latin1). Names in it are bytes, not UTF-8; the
 * parsers decode those that they hand out.
 */
export type ProcText = string;

// A seq_file answers one page at a time, so a larger buffer only saves work in growing. It is scratch: its content is
// copied out before a read returns, and reads are synchronous, so no two ever share it.
let scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads a whole file of task `pid`; the result is a view on scratch memory, good until the next read. */
function readScratch(path: string, pid: number | undefined, root: string): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw procError(error, path, pid, root);
  }
  try {
    let length = 0;
    for (;;) {
      if (length === scratch.length) {
        const larger = Buffer.allocUnsafeSlow(scratch.length * 2);
        scratch.copy(larger, 0, 0, length);
        scratch = larger;
      }
      const n = readSync(fd, scratch, length, scratch.length - length, null);
      if (n === 0) return scratch.subarray(0, length);
      length += n;
    }
  } catch (error) {
    throw procError(error, path, pid, root);
  } finally {
    closeSync(fd);
  }
}

function readWhole(path: string, pid: number | undefined, root: string): ProcText {
  const text = addon().readText(path);
  if (typeof text === 'string') return text;
  throw procError(new SysError('read', -text, path), path, pid, root);
}

/** Reads `root/pid/name` as text. */
export function readText(pid: number, name: string, root: string = PROC_ROOT): ProcText {
  return readWhole(`${root}/${pid}/${name}`, pid, root);
}

/**
 * Reads `root/pid/name` as text, or gives undefined if this kernel does not have the file or has nothing to say in it
 * (an LSM file without an LSM gives EINVAL).
 */
export function readTextIfAny(pid: number, name: string, root: string = PROC_ROOT): ProcText | undefined {
  try {
    return readText(pid, name, root);
  } catch (error) {
    if (error instanceof ProcError && (error.code === 'PROC_MISSING' || error.errno === 'EINVAL')) {
      return undefined;
    }
    throw error;
  }
}

/** Reads a file of procfs that belongs to no task, as `locks`. */
export function readGlobalText(name: string, root: string = PROC_ROOT): ProcText {
  return readWhole(`${root}/${name}`, undefined, root);
}

/** Has a thread read a file of procfs that belongs to no task; the result waits for it. */
export function textAhead(name: string, root: string = PROC_ROOT): () => ProcText {
  const path = `${root}/${name}`;
  const ahead = readAhead(path);
  return () => {
    const text = addon().takeAhead(ahead);
    if (typeof text === 'string') return text;
    throw procError(new SysError('read', -text, path), path, undefined, root);
  };
}

/** Reads `root/pid/name` as bytes of its own. */
export function readBytes(pid: number, name: string, root: string = PROC_ROOT): Buffer {
  const view = readScratch(`${root}/${pid}/${name}`, pid, root);
  const copy = Buffer.allocUnsafeSlow(view.length);
  view.copy(copy);
  return copy;
}

/** Reads the link `root/pid/name`; links are not escaped by the kernel, unlike names inside of texts. */
export function readLink(pid: number, name: string, root: string = PROC_ROOT): string {
  const path = `${root}/${pid}/${name}`;
  const link = addon().readLink(path);
  if (typeof link === 'string') return decodeLatin1(link);
  throw procError(new SysError('readlink', -link, path), path, pid, root);
}

/** The st_mode of the link `root/pid/name` itself: the links of open files tell what these are open for. */
export function readLinkMode(pid: number, name: string, root: string = PROC_ROOT): number {
  const path = `${root}/${pid}/${name}`;
  const mode = addon().linkMode(path);
  if (mode >= 0) return mode;
  throw procError(new SysError('lstat', -mode, path), path, pid, root);
}

/** Reads the link `root/pid/name`, or gives undefined if the task has no such link (any more). */
export function readLinkIfAny(pid: number, name: string, root: string = PROC_ROOT): string | undefined {
  try {
    return readLink(pid, name, root);
  } catch (error) {
    if (error instanceof ProcError && error.code === 'PROC_MISSING') return undefined;
    throw error;
  }
}

/** Lists the numbers that name entries of a folder, ascending; other names are left out. */
export function readNumbers(path: string, pid: number | undefined, root: string = PROC_ROOT): number[] {
  const numbers = addon().readNumbers(path);
  if (typeof numbers === 'number')
    throw procError(new SysError('getdents64', -numbers, path), path, pid, root);
  return Array.from(numbers);
}

/** Classifies a file system error. */
export function procError(error: unknown, path: string, pid: number | undefined, root: string): ProcError {
  const errno = errnoOf(error);
  const details = { file: path, cause: error, ...(pid === undefined ? {} : { pid }), errno };
  switch (errno) {
    case 'ESRCH':
      return new TaskGoneError(details);
    case 'ENOENT':
      if (pid !== undefined && !existsSync(`${root}/${pid}`)) return new TaskGoneError(details);
      return new ProcError('PROC_MISSING', `${path} does not exist`, details);
    case 'EACCES':
    case 'EPERM':
      return new ProcError('PROC_DENIED', `${path}: ${errno}`, details);
    case 'ENAMETOOLONG':
      return new ProcError(
        'PROC_TOO_LONG',
        `${path}: what it leads to has a path of more than 4095 bytes`,
        details,
      );
    default:
      return new ProcError('PROC_IO', `${path}: ${errno}`, details);
  }
}

function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'UNKNOWN';
}
