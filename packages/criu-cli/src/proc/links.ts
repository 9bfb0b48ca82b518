/** The links of `/proc/PID`: namespaces, working folder, root, program and mapped files. */

import { ProcError } from './errors.js';
import { parseInodeLink } from './fd.js';
import { PROC_ROOT, readLink, readLinkIfAny } from './io.js';

/** The names in `/proc/PID/ns` (namespaces(7)). */
export const NS_NAMES = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pid_for_children',
  'time',
  'time_for_children',
  'user',
  'uts',
] as const;
export type NsName = (typeof NS_NAMES)[number];

export interface NsLink {
  /** The type, which of `pid_for_children` is `pid`. */
  type: string;
  /** Inode on nsfs; two tasks with the same one are in the same namespace. */
  inode: bigint;
}

/** Parses a namespace link, as `net:[4026531840]`. */
export function parseNsLink(link: string, file = 'ns'): NsLink {
  const target = parseInodeLink(link);
  if (target === undefined) {
    throw new ProcError('PROC_FORMAT', `${file}: ${JSON.stringify(link)} is no namespace link`, { file });
  }
  return { type: target.type, inode: target.ino };
}

/** One namespace of a task; undefined if the kernel does not support it, or the task is a zombie without it. */
export function readNsLink(pid: number, name: NsName, root: string = PROC_ROOT): NsLink | undefined {
  const link = readLinkIfAny(pid, `ns/${name}`, root);
  return link === undefined ? undefined : parseNsLink(link, `${root}/${pid}/ns/${name}`);
}

/**
 * The namespaces of a task. Missing are those that the kernel was built without, most of a zombie's, and
 * `pid_for_children` while a namespace just unshared has no first process yet.
 */
export function readNsLinks(pid: number, root: string = PROC_ROOT): Partial<Record<NsName, NsLink>> {
  const links: Partial<Record<NsName, NsLink>> = {};
  for (const name of NS_NAMES) {
    const link = readNsLink(pid, name, root);
    if (link !== undefined) links[name] = link;
  }
  return links;
}

/** The working folder, relative to the reader's root; a removed one ends in " (deleted)". */
export function readCwd(pid: number, root: string = PROC_ROOT): string {
  return readLink(pid, 'cwd', root);
}

/** The root folder, relative to the reader's root. */
export function readRoot(pid: number, root: string = PROC_ROOT): string {
  return readLink(pid, 'root', root);
}

/** The program (proc_pid_exe(5)); undefined for a kernel thread and a zombie. */
export function readExe(pid: number, root: string = PROC_ROOT): string | undefined {
  return readLinkIfAny(pid, 'exe', root);
}

/** The name in `map_files` of the mapping from `start` to `end`. */
export function mapFileName(start: number, end: number): string {
  return `map_files/${start.toString(16)}-${end.toString(16)}`;
}

/**
 * The file behind a mapping, not escaped as in maps (proc_pid_map_files(5)); undefined for anonymous memory. Opening
 * this link opens the very file, also one that is deleted.
 */
export function readMapFile(
  pid: number,
  start: number,
  end: number,
  root: string = PROC_ROOT,
): string | undefined {
  return readLinkIfAny(pid, mapFileName(start, end), root);
}
