// Reads groups of a hierarchy in the form of images: folders with permissions, and the files of their configuration.
import { join } from 'node:path';
import type { CgroupDirEntry, CgroupPropEntry, Encodable } from '@criu/images';
import { decodeName } from '@criu/native';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFoldersSync,
  readSync,
  statSync,
} from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import { isBelow } from '../../views/mount-paths.js';
import type { Hierarchy } from './hierarchy.js';
import { MEMBERS } from './properties.js';

/** Buffer sizes in bytes: enough for most files, and for the largest one. */
const [USUAL_VALUE, LONGEST_VALUE] = [1024, 64 * 1024];
const LARGEST_INT64 = '9223372036854775807';

export interface GroupTree {
  readonly dirs: Encodable<CgroupDirEntry>[];
  /** Threads of one process may be in different groups. */
  threaded: boolean;
}

/**
 * Whether a group goes along with tasks that are in the root of its hierarchy, and with those that are at or below `tops`. Other
 * groups below the root are everybody's: the tasks have nothing to do with them.
 */
export function goesAlong(path: string, tops: readonly string[]): boolean {
  return tops.some((top) => top !== '/' && (isBelow(path, top) || isBelow(top, path)));
}

/**
 * Reads the groups at and below some paths; a group below several of them is read once. Below the root of the hierarchy, only
 * those of the other paths are read.
 */
export function readGroups(hierarchy: Hierarchy, roots: ReadonlySet<string>, names: string[]): GroupTree {
  const out: GroupTree = { dirs: [], threaded: false };
  const tops = [...roots];
  for (const root of roots) {
    if (tops.some((other) => other !== root && isBelow(root, other))) continue;
    const wanted = (path: string) => root !== '/' || goesAlong(path, tops);
    const dir = readGroup({ hierarchy, names, wanted, tree: out }, root, root.replace(/^\/+/, ''));
    if (!dir) throw new CriuError('NOT_DUMPABLE', `the cgroup ${root} of a task is gone`);
    out.dirs.push(dir);
  }
  return out;
}

/** Whether the error means that the group was removed meanwhile, which is possible only for a group without tasks. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENODEV';
}

interface Reading {
  readonly hierarchy: Hierarchy;
  /** Properties that are read. */
  readonly names: readonly string[];
  readonly wanted: (path: string) => boolean;
  readonly tree: GroupTree;
}

/** A group with those below it; undefined if it was removed. */
function readGroup(reading: Reading, path: string, name: string): Encodable<CgroupDirEntry> | undefined {
  const { hierarchy, names, wanted, tree } = reading;
  const folder = hierarchy.path(path);
  try {
    const { mode, uid, gid } = statSync(folder);
    const properties = names
      .map((property) => readProperty(folder, property))
      .filter((property) => property !== undefined);
    for (const property of properties)
      if (property.name === 'tasks' || (property.name === 'cgroup.type' && property.value === 'threaded'))
        tree.threaded = true;
    const children = readFoldersSync(folder)
      .filter((child) => wanted(join(path, child)))
      .map((child) => readGroup(reading, join(path, child), child))
      .filter((child) => child !== undefined);
    return { dir_name: name, children, properties, dir_perms: { mode, uid, gid } };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw asCriuError(error, `cannot read the cgroup ${path}`, { file: hierarchy.name || 'cgroup2' });
  }
}

/** One file of a group; `undefined` if this kernel does not have it. */
function readProperty(folder: string, name: string): Encodable<CgroupPropEntry> | undefined {
  const path = join(folder, name);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mode, uid, gid } = fstatSync(fd);
    const value = MEMBERS.has(name) ? '' : writable(name, readValue(fd, path));
    return { name, value, perms: { mode, uid, gid } };
  } finally {
    closeSync(fd);
  }
}

function readValue(fd: number, path: string): string {
  let buffer = Buffer.alloc(USUAL_VALUE);
  let size = 0;
  for (;;) {
    const got = readSync(fd, buffer, size, buffer.length - size, null);
    if (got === 0) return decodeName(buffer.subarray(0, size)).replace(/\n$/, '');
    size += got;
    if (size === LONGEST_VALUE)
      throw new CriuError('NOT_DUMPABLE', 'the property of a cgroup is longer than 64 KiB', { file: path });
    if (size === buffer.length) buffer = Buffer.concat([buffer], LONGEST_VALUE);
  }
}

/** Converts the text of a file to the form in which it can be written. */
function writable(name: string, text: string): string {
  if (name === 'memory.oom_control') {
    const disabled = /^oom_kill_disable (\d+)$/m.exec(text)?.[1];
    if (disabled === undefined)
      throw new CriuError('NOT_DUMPABLE', `memory.oom_control says "${text}", which is not known`);
    return disabled;
  }
  return text === LARGEST_INT64 ? '-1' : text;
}
