// The mounts of a checkpoint: a tree for each mount namespace, as images have them, checked before anything is made of it.
import type { PlanContext } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import { MS } from '../images/mount-flags.js';
import type { MntEntry } from '../images/types.js';
import { below, depth, isBelow, isPlain } from './mount-paths.js';
import type { PlannedNamespace } from './planned.js';

/** A mount that is to be made. */
export interface Mount {
  readonly entry: MntEntry;
  readonly namespace: PlannedNamespace;
  /** Where it is in its namespace, as tasks see it without a chroot. */
  readonly mountpoint: string;
  /** Folder or file of its file system that it shows. */
  readonly root: string;
  readonly flags: number;
  readonly superFlags: number;
  /** It shows a namespace of the images: the kind, as a flag of clone(2), and the number there. */
  readonly shows?: { readonly flag: number; readonly number: number };
  /** Undefined for the root of a namespace. */
  parent: Mount | undefined;
  /** In the order in which they have to be put in place: who would cover another one comes later. */
  readonly children: Mount[];
}

export interface MountTree {
  readonly namespace: PlannedNamespace;
  readonly root: Mount;
  /** All mounts, parents before their children. */
  readonly mounts: readonly Mount[];
}

/** MS_* that belong to a mount: old images have them together with those of the superblock. */
const OF_MOUNT =
  MS.SHARED |
  MS.PRIVATE |
  MS.SLAVE |
  MS.UNBINDABLE |
  MS.NOSUID |
  MS.NODEV |
  MS.NOEXEC |
  MS.NOATIME |
  MS.NODIRATIME |
  MS.RELATIME;

/** Older CRIU has a dot before the path. */
function pathOf(mountpoint: string): string {
  return mountpoint.replace(/^\.(?=\/)/, '').replace(/(?<=.)\/$/, '');
}

function read(entry: MntEntry, namespace: PlannedNamespace, file: string): Mount {
  const mountpoint = pathOf(entry.mountpoint);
  const bad = (what: string, path: string): CriuError =>
    new CriuError(
      'BAD_IMAGE',
      `mount ${entry.mnt_id}: its ${what} ${JSON.stringify(path)} is not a plain path`,
      {
        file,
      },
    );
  if (!isPlain(mountpoint)) throw bad('mount point', mountpoint);
  if (!entry.ext_mount && !isPlain(entry.root) && !/^[a-z]+:\[\d+\]$/.test(entry.root))
    throw bad('root', entry.root);
  const together = entry.sb_flags === undefined;
  return {
    entry,
    namespace,
    mountpoint,
    root: entry.root,
    flags: together ? entry.flags & OF_MOUNT : entry.flags,
    superFlags: together ? entry.flags & ~OF_MOUNT : (entry.sb_flags ?? 0),
    parent: undefined,
    children: [],
  };
}

/** Entries of namespaces that are bound to files, as those of other mounts. */
function bindsOf({ namespace_binds }: MntEntry): { entry: MntEntry; shows: NonNullable<Mount['shows']> }[] {
  return namespace_binds.map(({ ns_cflag, ns_id, ...entry }) => ({
    entry: {
      ...entry,
      fstype: 0,
      root_dev: 0,
      source: 'nsfs',
      options: '',
      sb_flags: 0,
      namespace_binds: [],
    },
    shows: { flag: ns_cflag, number: ns_id },
  }));
}

/** The mounts of one namespace. @throws CriuError for images that make no tree */
export function readMounts(ctx: PlanContext, namespace: PlannedNamespace): MountTree {
  const file = `mountpoints-${namespace.id}.img`;
  const bad = (reason: string): CriuError => new CriuError('BAD_IMAGE', reason, { file });
  const all = ctx.checkpoint.images
    .items('MNTS', namespace.id)
    .flatMap(({ entry }): Mount[] => [
      read(entry, namespace, file),
      ...bindsOf(entry).map((bind) => ({ ...read(bind.entry, namespace, file), shows: bind.shows })),
    ]);
  const byId = new Map<number, Mount>();
  for (const mount of all) {
    if (byId.has(mount.entry.mnt_id)) throw bad(`mount ${mount.entry.mnt_id} is there twice`);
    byId.set(mount.entry.mnt_id, mount);
  }
  const roots: Mount[] = [];
  for (const mount of all) {
    const parent = byId.get(mount.entry.parent_mnt_id);
    if (!parent || parent === mount) {
      roots.push(mount);
      continue;
    }
    if (!isBelow(mount.mountpoint, parent.mountpoint))
      throw bad(
        `mount ${mount.entry.mnt_id} is at ${mount.mountpoint}, outside of its parent's ${parent.mountpoint}`,
      );
    mount.parent = parent;
    parent.children.push(mount);
  }
  const [root] = roots;
  if (!root) throw bad('no mount is the root of the namespace');
  if (roots.length > 1 || root.mountpoint !== '/')
    throw bad(`mount ${(roots[1] ?? root).entry.mnt_id} has no parent and is not the root of the namespace`);
  const mounts: Mount[] = [];
  const visit = (mount: Mount): void => {
    mounts.push(mount);
    // A mount on a folder covers what is below, so that goes first.
    mount.children.sort((a, b) => depth(b.mountpoint) - depth(a.mountpoint));
    for (const child of mount.children) visit(child);
  };
  visit(root);
  if (mounts.length !== all.length) throw bad('the mounts are not one tree: some are parents of each other');
  return { namespace, root, mounts };
}

/** Path of a mount point below the root of its parent mount; empty where it lies on that root itself. */
export function placeInParent(mount: Mount): string {
  return mount.parent ? below(mount.mountpoint, mount.parent.mountpoint) : '';
}

/** The mount that a path of a namespace lies on, as a task sees it: the topmost one. */
export function mountAt(tree: MountTree, path: string): Mount {
  let found = tree.root;
  for (let next: Mount | undefined = found; next; ) {
    found = next;
    // Who was put in place last covers the others.
    next = [...found.children].reverse().find((child) => isBelow(path, child.mountpoint));
  }
  return found;
}
