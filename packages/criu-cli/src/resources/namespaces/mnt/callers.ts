// File systems that the kernel lets a user namespace show, not mount: those of which the machine has one (devtmpfs, debugfs), and those
// of namespaces that the tasks share with the caller (sysfs, with its network devices).
import { cstring, sys } from '@criu/native';
import { AT_FDCWD, O_CLOEXEC, OPEN_TREE_CLONE } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { readMountInfo } from '../../../proc/index.js';

/** Where the caller has all of it mounted, with nothing on top. @throws CriuError UNSUPPORTED */
function placeOf(fs: string): string {
  const mounts = readMountInfo(process.pid);
  const found = mounts.findLast(
    (one) =>
      one.fsType === fs &&
      one.root === '/' &&
      !mounts.some((other) => other.parentId === one.mntId && other.mountPoint === one.mountPoint),
  );
  if (found) return found.mountPoint;
  throw new CriuError(
    'UNSUPPORTED',
    `tasks in a user namespace had the machine's ${fs} mounted, which they cannot mount themselves, and it is not mounted here`,
    {},
    `mount it (mount -t ${fs} ${fs} DIR), or dump with --external mnt[MOUNTPOINT]:KEY`,
  );
}

export function expectCallers(ctx: PlanContext, fs: string): void {
  ctx.expect({
    kind: 'mount',
    name: fs,
    look() {
      placeOf(fs);
      return 'there';
    },
  });
}

/** A clone of the caller's mount. */
export function callersMount(ctx: PlanContext, fs: string): Slot {
  return ctx.openSlot(`mount of ${fs}`, () => {
    const path = placeOf(fs);
    try {
      return sys('open_tree', AT_FDCWD, cstring(path), OPEN_TREE_CLONE | O_CLOEXEC);
    } catch (error) {
      throw asCriuError(error, 'cannot clone the mount', { file: path });
    }
  });
}
