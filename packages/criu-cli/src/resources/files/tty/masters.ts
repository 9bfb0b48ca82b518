// Opens masters of pseudoterminals on devpts mounts of the tasks, from this process, through the mount.
import { dirname, join } from 'node:path';
import { close, openat2, SysError } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import {
  O_CLOEXEC,
  O_PATH,
  O_RDWR,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { withFsIds } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { below, isBelow } from '../../../views/mount-paths.js';
import { type Mount, mountAt } from '../../../views/mount-tree.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { plannedMounts } from '../../../views/planned-mounts.js';
import { makerIds } from '../../../views/planned-users.js';
import { imagePath } from '../regular/restore.js';
import { openMaster } from './open-pty.js';

const RESOLVE_BELOW = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
/** Value of `mnt_entry.fstype` for devpts. */
const DEVPTS = 6;
const PTMX = 'ptmx';

/** Where a master is opened: the ptmx device of a certain devpts. */
export interface MasterPlace {
  readonly mount: Mount;
  /** Path below the root of the mount; empty for the root itself. */
  readonly path: string;
  /** Device number of the devpts. */
  readonly dev: number;
}

/** Masters that were opened before their tasks could do so, by device number of the devpts and index. */
const early = stateKey('masters of pseudo-terminals', (ctx: PlanContext) => {
  const open = new Map<string, number>();
  const letGo = (): void => {
    for (const fd of open.values()) close(fd);
    open.clear();
  };
  // Masters that no task has taken are closed, which hangs up the slaves.
  ctx.afterPhase('files', 'close masters that no task has', letGo);
  ctx.cleanup('close masters that no task has', letGo);
  return open;
});

const keyOf = (dev: number, index: number): string => `${dev} ${index}`;

/** Opens a master before its task does: its slave exists, and can be bind-mounted, only while the master is open. */
export function masterBefore(ctx: PlanContext, dev: number, index: number): (devpts: number) => void {
  const open = ctx.states.get(early);
  return (devpts) => {
    const key = keyOf(dev, index);
    // The opener becomes the owner, and must be mapped in the file system's user namespace.
    const owner = makerIds(ctx);
    if (!open.has(key))
      open.set(
        key,
        withFsIds(owner, () => openBelow(devpts, PTMX, index, O_RDWR)),
      );
  };
}

/** The place where the terminal of an image is opened; undefined for the caller's /dev/ptmx. */
export function masterPlace(
  ctx: PlanContext,
  plan: TaskPlan,
  file: { readonly name: string; readonly mnt_id?: number | undefined },
): MasterPlace | undefined {
  const mounts = plannedMounts(ctx);
  const path = imagePath(file.name);
  const mount = mounts.find(file.mnt_id) ?? mounts.mountOf(plannedNamespaces(ctx).of(plan, 'mnt'), path);
  if (!mount || !isBelow(path, mount.mountpoint)) return undefined;
  const { root_dev: dev, fstype } = mount.entry;
  if (fstype === DEVPTS) {
    // Any file of a devpts identifies it.
    const device = mount.root === '/' ? PTMX : below(path, mount.mountpoint);
    return { mount, path: device, dev };
  }
  const tree = mounts.treeOf(mount.namespace);
  // For a ptmx device outside of devpts, the kernel uses the devpts mounted beside it.
  const devpts = tree && mountAt(tree, join(dirname(path), 'pts'));
  return { mount, path: below(path, mount.mountpoint), dev: devpts?.entry.root_dev ?? dev };
}

/** Opens a master by a path below a mount. @throws CriuError, SysError */
function openBelow(mount: number, path: string, index: number, flags: number): number {
  if (path === '') return openMaster(`/proc/self/fd/${mount}`, index, flags);
  const device = openat2(mount, path, O_PATH | O_CLOEXEC, RESOLVE_BELOW);
  if (device < 0) throw new SysError('openat2', -device, path);
  try {
    return openMaster(`/proc/self/fd/${device}`, index, flags);
  } finally {
    closeSync(device);
  }
}

/** How a master is obtained when its task reaches the phase `files`. */
export interface MasterSource {
  readonly needs: readonly Slot[];
  /** @throws CriuError, SysError */
  open(): number;
}

/** The source of a master with a given index on a mount of the tasks: already open, or a new one. */
export function masterOn(
  ctx: PlanContext,
  { mount, path, dev }: MasterPlace,
  index: number,
  flags: number,
): MasterSource {
  const open = ctx.states.get(early);
  const from = plannedMounts(ctx).slot(mount);
  return {
    needs: [from],
    open() {
      const key = keyOf(dev, index);
      const known = open.get(key);
      open.delete(key);
      return known ?? withFsIds(makerIds(ctx), () => openBelow(from.value, path, index, flags));
    },
  };
}

/** A slot for a master that is opened when its task reaches the phase `files`. */
export function masterSlot(ctx: PlanContext, plan: TaskPlan, source: MasterSource, index: number): Slot {
  const slot = ctx.openSlot(`master of pseudo-terminal ${index}`);
  const about = { title: slot.name, needs: source.needs, failure: `cannot open the ${slot.name}` };
  plan.meanwhile('files', about, () => slot.fill(source.open()));
  return slot;
}
