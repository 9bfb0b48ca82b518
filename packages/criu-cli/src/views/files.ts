// Files as tasks see them: where a path of a mount namespace leads, for this process to look at.
import type { DumpContext } from '../engine/dump-context.js';
import { CriuError } from '../errors.js';
import type { FdInfo, MountInfo } from '../proc/index.js';
import { isBelow } from './mount-paths.js';
import { mountIdOf, mountTables } from './mounts.js';

/** A file of a task: which mount it is on tells whose names its path has. */
export interface Placed {
  readonly pid: number;
  /** A descriptor of ours that leads to it. */
  readonly local: number;
  /** What its fdinfo says, if it is open. */
  readonly info?: Pick<FdInfo, 'mntId'>;
}

/**
 * A path by which this process reaches what tasks have at `path`, which is as the kernel shows it for the file: from the
 * root of the mount namespace that the file's mount is in, and without symbolic links on the way.
 * @throws CriuError where nobody is at that root
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

/** The mount that a path leads to: a mount on a folder covers those on what is below. */
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

/** Whether tasks get somewhere else by the path of a file, as another mount covers that which it is on. Not in the dumper's namespace. */
export function isCovered(ctx: DumpContext, { pid, local, info }: Placed, path: string): boolean {
  const place = mountTables(ctx).find(mountIdOf(local, info), pid);
  return place !== undefined && !place.table.host && mountSeenAt(place.table.mounts, path) !== place.mount;
}
