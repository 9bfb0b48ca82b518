// The mounts that a restore makes, and the mount on which a file of the images lies.
import { constants, openSync } from '@criu/native/fs';
import { type PlanContext, Slot, type TaskPlan } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import { stateKey } from '../states.js';
import { below, isBelow } from './mount-paths.js';
import { type Mount, type MountTree, mountAt, readMounts } from './mount-tree.js';
import { type PlannedNamespace, plannedNamespaces } from './planned.js';

export interface MountGiver {
  mount(mount: Mount, slot: Slot): void;
  workspace(mount: Mount, slot: Slot): void;
}

/** A path in the images, with its mount. */
interface Named {
  readonly path: string;
  readonly mountId: number | undefined;
}

/** Where files of a mount can be created before the mount is in place. */
export interface Workspace {
  /** A writable mount that is not attached to any tree. */
  readonly slot: Slot;
  /** Directory of the file system that this mount shows. */
  readonly root: string;
}

export class PlannedMounts {
  /** One tree for each mount namespace that is created; that of the root task is first, if it has one. */
  readonly trees: readonly MountTree[];
  private readonly byId = new Map<number, Mount>();
  private readonly slots = new Map<Mount, Slot>();
  private readonly namespaceSlots = new Map<MountTree, Slot>();
  private host: Slot | undefined;
  private covered: Map<Mount, Slot> | undefined;
  private readonly workspaces = new Map<Mount, Slot>();
  /** Sends descriptors from the task that makes the mounts. */
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

  /** The mount whose root is a removed file, given by its ghost id in the images. */
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

  /** The mount that a path of a namespace leads to. */
  mountOf(namespace: PlannedNamespace | undefined, path: string): Mount | undefined {
    const tree = this.treeOf(namespace);
    return tree && mountAt(tree, path);
  }

  /** The slot for the mount's descriptor; it is created on the first call. */
  slot(mount: Mount): Slot {
    let slot = this.slots.get(mount);
    if (!slot) {
      slot = new Slot(`mount ${mount.entry.mnt_id} at ${mount.mountpoint}`);
      this.slots.set(mount, slot);
      this.giver?.mount(mount, slot);
    }
    return slot;
  }

  /**
   * The mount that hides a path of `mount`, since it is attached to a directory or file below the root of `mount`;
   * undefined if the path is visible from that root.
   */
  coverOf(mount: Mount, path: string): Mount | undefined {
    return mount.children.find(
      ({ mountpoint }) => mountpoint !== mount.mountpoint && isBelow(path, mountpoint),
    );
  }

  /**
   * Slots for descriptors of the directories and files that mounts cover, by these mounts. They are opened before the
   * mount is attached, for open files and bound sockets below them.
   */
  coveredSlots(ctx: PlanContext): ReadonlyMap<Mount, Slot> {
    if (!this.covered) {
      this.covered = new Map();
      for (const { path, mountId } of namedIn(ctx)) {
        const mount = this.find(mountId);
        const cover = mount && isBelow(path, mount.mountpoint) ? this.coverOf(mount, path) : undefined;
        if (cover && !this.covered.has(cover))
          this.covered.set(cover, new Slot(`what mount ${cover.entry.mnt_id} at ${cover.mountpoint} covers`));
      }
    }
    return this.covered;
  }

  /** One workspace serves all mounts of a file system, if one of these shows what all others do. */
  workspace(mount: Mount): Workspace {
    const all = this.trees.flatMap(({ mounts }) => mounts);
    // The first of those that show the same, whichever of them is asked for: a file is created once.
    const base = all
      .filter((one) => one.entry.root_dev === mount.entry.root_dev && isBelow(mount.root, one.root))
      .reduce((widest, one) => (one.root.length < widest.root.length ? one : widest));
    let slot = this.workspaces.get(base);
    if (!slot) {
      slot = new Slot(`workspace on mount ${base.entry.mnt_id} at ${base.mountpoint}`);
      this.workspaces.set(base, slot);
      this.giver?.workspace(base, slot);
    }
    return { slot, root: base.root };
  }

  /** The slot for the descriptor of a namespace that is created. */
  namespaceSlot(ctx: PlanContext, tree: MountTree): Slot {
    let slot = this.namespaceSlots.get(tree);
    if (!slot) {
      slot = ctx.openSlot(`mount namespace ${tree.namespace.id}`);
      this.namespaceSlots.set(tree, slot);
    }
    return slot;
  }

  /** The slot for the descriptor of the caller's mount namespace. */
  hostSlot(ctx: PlanContext): Slot {
    this.host ??= ctx.openSlot("the caller's mount namespace", () =>
      openSync('/proc/self/ns/mnt', constants.O_RDONLY),
    );
    return this.host;
  }
}

/** The files in the images that have a name on a mount. */
function* namedIn(ctx: PlanContext): Iterable<Named> {
  for (const { reg } of ctx.checkpoint.files.values())
    if (reg) yield { path: reg.name.startsWith('/') ? reg.name : `/${reg.name}`, mountId: reg.mnt_id };
}

const planned = stateKey('mounts', (ctx: PlanContext) => new PlannedMounts(ctx));

export function plannedMounts(ctx: PlanContext): PlannedMounts {
  return ctx.states.get(planned);
}

/** `fstype` of /proc in images. */
const PROC = 1;

/** Whether a task has a /proc mount at /proc and its namespace's root as root directory. */
export function hasProc(ctx: PlanContext, plan: TaskPlan): boolean {
  const { fs } = plan.task;
  const root = fs && ctx.checkpoint.files.get(fs.root_id)?.reg?.name;
  if (root !== undefined && root !== '/' && root !== '.') return false;
  const tree = plannedMounts(ctx).treeOf(plannedNamespaces(ctx).of(plan, 'mnt'));
  if (!tree) return true;
  const { entry, root: shown } = mountAt(tree, '/proc');
  return entry.fstype === PROC && shown === '/';
}

const callersProc = stateKey("the caller's /proc", (ctx: PlanContext) =>
  ctx.openSlot("the caller's /proc", () => openSync('/proc', constants.O_RDONLY | constants.O_DIRECTORY)),
);

/** The slot for the caller's /proc, in which each task finds itself, for tasks without one. */
export function procSlot(ctx: PlanContext): Slot {
  return ctx.states.get(callersProc);
}

/** A place on a mount, for files that tasks cannot reach by path. */
export interface Location {
  readonly mount: Mount;
  /** The mount on `mount` that hides the path; undefined if none does. */
  readonly cover: Mount | undefined;
  /**
   * Path below the directory or file that `cover` hides, else below the root of the mount; `.` for the directory
   * itself.
   */
  readonly path: string;
}

/**
 * The place of a path on a mount, if a lookup in a namespace does not lead there: the mount is in another namespace, or
 * other mounts cover it.
 * @param mountId mount id of the file's entry
 * @param namespace mount namespace in which the lookup would be made
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
  const cover = mounts.coverOf(mount, path);
  return { mount, cover, path: below(path, (cover ?? mount).mountpoint) || '.' };
}

/** The slot for the descriptor to which `path` of a location is relative. @throws CriuError */
export function folderSlot(ctx: PlanContext, { mount, cover, path }: Location): Slot {
  const mounts = plannedMounts(ctx);
  if (!cover) return mounts.slot(mount);
  // On paper means that this is the check of a dump that ends its tasks.
  if (ctx.onPaper && !ctx.options.coveredFiles)
    throw new CriuError(
      'UNSUPPORTED',
      `${path} on mount ${mount.entry.mnt_id} is covered by mount ${cover.entry.mnt_id}, and could not be restored by CRIU`,
      { file: cover.mountpoint },
      'unmount what covers it, or close it, before the dump; or dump it for this program alone (--covered-files)',
    );
  const slot = mounts.coveredSlots(ctx).get(cover);
  if (slot) return slot;
  throw new CriuError(
    'UNSUPPORTED',
    `${path} on mount ${mount.entry.mnt_id} is covered by mount ${cover.entry.mnt_id}, and is no open file`,
    { file: cover.mountpoint },
    'unmount what covers it before the dump',
  );
}

/** {@link hiddenLocation} for the mount namespace of a task. */
export function hiddenFrom(
  ctx: PlanContext,
  plan: TaskPlan,
  path: string,
  mountId: number | undefined,
): Location | undefined {
  if (mountId === undefined) return undefined;
  return hiddenLocation(ctx, path, mountId, plannedNamespaces(ctx).of(plan, 'mnt'));
}
