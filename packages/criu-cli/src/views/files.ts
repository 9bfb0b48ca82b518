// Translates paths of the tasks' mount namespaces into paths that this process can open.
import type { DumpContext } from '../engine/dump-context.js';
import { CriuError } from '../errors.js';
import type { FdInfo, MountInfo } from '../proc/index.js';
import { isBelow } from './mount-paths.js';
import { mountIdOf, mountTables } from './mounts.js';

/** A file of a task. The mount it is on tells in which mount namespace its path is to be read. */
export interface Placed {
  readonly pid: number;
  /** A descriptor in this process that refers to the file. */
  readonly local: number;
  /** Its fdinfo, if a task has the file open. */
  readonly info?: Pick<FdInfo, 'mntId'>;
}

/**
 * A path under which this process reaches a file of the tasks.
 * @param path path of the file as the kernel shows it: from the root of the mount namespace of its mount, without
 * symbolic links
 * @throws CriuError if no task is at the root of that mount namespace
 */
export function seenFrom(ctx: DumpContext, { pid, local, info }: Placed, path: string): string {
  const tables = mountTables(ctx);
  const table = tables.find(mountIdOf(local, info), pid)?.table ?? tables.of(pid);
  if (table.root === undefined)
    throw new CriuError('UNSUPPORTED', 'every task of its mount namespace has another root (chroot)', {
      pid,
    });
  return `${table.root}${path}`;
}

/** The mount that a path leads to: a mount on a directory covers mounts below that directory. */
function mountSeenAt(mounts: readonly MountInfo[], path: string): MountInfo | undefined {
  const ids = new Set(mounts.map(({ mntId }) => mntId));
  const onWay = mounts
    .filter(({ mountPoint }) => isBelow(path, mountPoint))
    .sort((a, b) => a.mountPoint.length - b.mountPoint.length);
  let found = onWay.find(({ mntId, parentId }) => parentId === mntId || !ids.has(parentId));
  for (let next = found; next; ) {
    found = next;
    next = onWay.find((one) => one.parentId === found?.mntId && one !== found);
  }
  return found;
}

/**
 * Whether the path of a file leads to another mount, one that covers the file's own. Never true in the dumper's mount
 * namespace.
 */
export function isCovered(ctx: DumpContext, { pid, local, info }: Placed, path: string): boolean {
  const place = mountTables(ctx).find(mountIdOf(local, info), pid);
  return place !== undefined && !place.table.host && mountSeenAt(place.table.mounts, path) !== place.mount;
}
