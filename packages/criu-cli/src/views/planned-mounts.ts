// The mounts that a restore makes, and where among them a file of the images is.
import { constants, openSync } from '@criu/native/fs';
import { type PlanContext, Slot, type TaskPlan } from '../engine/plan.js';
import { stateKey } from '../states.js';
import { below, isBelow } from './mount-paths.js';
import { type Mount, type MountTree, mountAt, readMounts } from './mount-tree.js';
import { type PlannedNamespace, plannedNamespaces } from './planned.js';

export interface MountGiver {
  mount(mount: Mount, slot: Slot): void;
  workspace(mount: Mount, slot: Slot): void;
}

/** Where files can be made that are on a mount. */
export interface Workspace {
  /** A mount that is nowhere, and can be written to. */
  readonly slot: Slot;
  /** What it shows of the file system. */
  readonly root: string;
}

export class PlannedMounts {
  /** Of all namespaces that are made, that of the root task first if it has one. */
  readonly trees: readonly MountTree[];
  private readonly byId = new Map<number, Mount>();
  private readonly slots = new Map<Mount, Slot>();
  private readonly namespaceSlots = new Map<MountTree, Slot>();
  private host: Slot | undefined;
  private readonly workspaces = new Map<Mount, Slot>();
  /** How the task that makes the mounts gives descriptors away. */
  giver: MountGiver | undefined;

  constructor(ctx: PlanContext) {
    this.trees = plannedNamespaces(ctx)
      .made('mnt')
      .map((namespace) => readMounts(ctx, namespace));
    for (const { mounts } of this.trees) for (const mount of mounts) this.byId.set(mount.entry.mnt_id, mount);
  }

  find(id: number | undefined): Mount | undefined {
    return id === undefined ? undefined : this.byId.get(id);
  }

  /** A mount that shows a removed file, which has this number in the images. */
  showing(ghost: number): Mount | undefined {
    for (const { mounts } of this.trees) {
      const found = mounts.find(({ entry }) => entry.removed_ghost === ghost);
      if (found) return found;
    }
    return undefined;
  }

  treeOf(namespace: PlannedNamespace | undefined): MountTree | undefined {
    return this.trees.find((tree) => tree.namespace === namespace);
  }

  /** The mount that a path of a namespace is on. */
  mountOf(namespace: PlannedNamespace | undefined, path: string): Mount | undefined {
    const tree = this.treeOf(namespace);
    return tree && mountAt(tree, path);
  }

  /** The mount's descriptor, from when it is asked for. */
  slot(mount: Mount): Slot {
    let slot = this.slots.get(mount);
    if (!slot) {
      slot = new Slot(`mount ${mount.entry.mnt_id} at ${mount.mountpoint}`);
      this.slots.set(mount, slot);
      this.giver?.mount(mount, slot);
    }
    return slot;
  }

  /** One for all mounts of a file system, as far as there is one that shows what all of them do. */
  workspace(mount: Mount): Workspace {
    const all = this.trees.flatMap(({ mounts }) => mounts);
    const base = all
      .filter((one) => one.entry.root_dev === mount.entry.root_dev && isBelow(mount.root, one.root))
      .reduce((widest, one) => (one.root.length < widest.root.length ? one : widest), mount);
    let slot = this.workspaces.get(base);
    if (!slot) {
      slot = new Slot(`workspace on mount ${base.entry.mnt_id} at ${base.mountpoint}`);
      this.workspaces.set(base, slot);
      this.giver?.workspace(base, slot);
    }
    return { slot, root: base.root };
  }

  /** The descriptor of a namespace that is made. */
  namespaceSlot(ctx: PlanContext, tree: MountTree): Slot {
    let slot = this.namespaceSlots.get(tree);
    if (!slot) {
      slot = ctx.openSlot(`mount namespace ${tree.namespace.id}`);
      this.namespaceSlots.set(tree, slot);
    }
    return slot;
  }

  /** The descriptor of the caller's namespace. */
  hostSlot(ctx: PlanContext): Slot {
    this.host ??= ctx.openSlot("the caller's mount namespace", () =>
      openSync('/proc/self/ns/mnt', constants.O_RDONLY),
    );
    return this.host;
  }
}

const planned = stateKey('mounts', (ctx: PlanContext) => new PlannedMounts(ctx));

export function plannedMounts(ctx: PlanContext): PlannedMounts {
  return ctx.states.get(planned);
}

/** Where a file is: on a mount that the tasks who look do not see there, or else by its path. */
export interface Location {
  readonly mount: Mount;
  /** Below the root of the mount; `.` for that root itself. */
  readonly path: string;
}

/**
 * Where a path is on a mount, if whoever looks it up in a namespace does not get there: the mount is in another namespace,
 * or covered by others.
 * @param mountId as entries of files have it
 * @param namespace of who looks
 */
export function hiddenLocation(
  ctx: PlanContext,
  path: string,
  mountId: number | undefined,
  namespace: PlannedNamespace | undefined,
): Location | undefined {
  const mounts = plannedMounts(ctx);
  const mount = mounts.find(mountId);
  if (!mount || !isBelow(path, mount.mountpoint)) return undefined;
  const tree = mounts.treeOf(mount.namespace);
  if (mount.namespace === namespace && tree && mountAt(tree, path) === mount) return undefined;
  return { mount, path: below(path, mount.mountpoint) || '.' };
}

/** {@link hiddenLocation} for a task. */
export function hiddenFrom(
  ctx: PlanContext,
  plan: TaskPlan,
  path: string,
  mountId: number | undefined,
): Location | undefined {
  if (mountId === undefined) return undefined;
  return hiddenLocation(ctx, path, mountId, plannedNamespaces(ctx).of(plan, 'mnt'));
}
