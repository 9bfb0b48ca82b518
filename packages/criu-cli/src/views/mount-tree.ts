// The mounts of a checkpoint: one tree for each mount namespace, read from images and checked before any mount is made.
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RELATIME,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '@criu/native/uapi';
import type { PlanContext } from '../engine/plan.js';
import { CriuError } from '../errors.js';
import type { MntEntry } from '../images/types.js';
import { below, depth, isBelow, isPlain } from './mount-paths.js';
import type { PlannedNamespace } from './planned.js';

/** A mount to be restored. */
export interface Mount {
  readonly entry: MntEntry;
  readonly namespace: PlannedNamespace;
  /** Absolute mount point in its namespace, seen without a chroot. */
  readonly mountpoint: string;
  /** Directory or file within its file system that is the root of the mount (mountinfo field 4). */
  readonly root: string;
  readonly flags: number;
  readonly superFlags: number;
  /**
   * Set if the mount is a bind mount of a namespace file (nsfs): the kind as CLONE_NEW* flag, and the id in the images.
   */
  readonly shows?: { readonly flag: number; readonly number: number };
  /** Undefined for the root mount of a namespace. */
  parent: Mount | undefined;
  /** In the order of mounting: a mount that covers another one comes after it. */
  readonly children: Mount[];
}

export interface MountTree {
  readonly namespace: PlannedNamespace;
  readonly root: Mount;
  /** All mounts, parents before their children. */
  readonly mounts: readonly Mount[];
}

/** The MS_* flags of a mount. Old images have them together with the flags of the superblock. */
const OF_MOUNT =
  MS_SHARED |
  MS_PRIVATE |
  MS_SLAVE |
  MS_UNBINDABLE |
  MS_NOSUID |
  MS_NODEV |
  MS_NOEXEC |
  MS_NOATIME |
  MS_NODIRATIME |
  MS_RELATIME;

/** Normalises a mount point. Older versions of CRIU write a dot before the path. */
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

/** Bind mounts of namespace files, converted to the form of other mounts. */
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
      flagged_files: [],
      sockets: [],
    },
    shows: { flag: ns_cflag, number: ns_id },
  }));
}

/** Reads the mounts of one namespace. @throws CriuError BAD_IMAGE if they do not form a tree */
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
    // A mount on a folder covers what is below it, so deeper mount points are mounted first.
    mount.children.sort((a, b) => depth(b.mountpoint) - depth(a.mountpoint));
    for (const child of mount.children) visit(child);
  };
  visit(root);
  if (mounts.length !== all.length) throw bad('the mounts are not one tree: some are parents of each other');
  return { namespace, root, mounts };
}

/** Path of a mount point below the mount point of its parent mount; empty if both are the same. */
export function placeInParent(mount: Mount): string {
  return mount.parent ? below(mount.mountpoint, mount.parent.mountpoint) : '';
}

/** The mount that a path of a namespace leads to, as a task sees it: the topmost one. */
export function mountAt(tree: MountTree, path: string): Mount {
  let found = tree.root;
  for (let next: Mount | undefined = found; next; ) {
    found = next;
    // The mount that was made last covers earlier ones.
    next = [...found.children].reverse().find((child) => isBelow(path, child.mountpoint));
  }
  return found;
}
