// Creates the mounts of all namespaces: first detached, then attached in a copy of the caller's namespace, one copy for
// each namespace; finally propagation is set. The root task does it, since proc, mqueue, sysfs and cgroup show the
// namespaces of the process that mounts them. The caller's own namespace is never changed.
import {
  AT_FDCWD,
  MNT_DETACH,
  MOUNT_ATTR_RDONLY,
  MS_PRIVATE,
  MS_RELATIME,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { attributesOf } from '../../../images/mount-flags.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { type Mount, type MountTree, placeInParent } from '../../../views/mount-tree.js';
import { moveTo } from '../../files/common.js';
import { registerFormats } from './binfmt/restore.js';
import {
  attach,
  attachInside,
  cloneMount,
  makeFileSystem,
  pointOf,
  reconfigure,
  setAttributes,
} from './calls.js';
import { FsType } from './filesystems.js';
import { Late } from './layers.js';
import { MountMaker, superOptions } from './make.js';
import { share } from './propagate.js';
import { planSharing } from './sharing.js';
import { type Circumstances, PHASE, title, Workshop } from './workshop.js';

/** Adds steps to a task's plan that create all mounts, in a phase before it has children. @throws CriuError */
export function buildMounts(ctx: PlanContext, plan: TaskPlan, own: Circumstances): void {
  const shop = new Workshop(ctx, plan, own);
  const maker = new MountMaker(shop);
  own.planned.giver = {
    mount: (mount, slot) => plan.give(PHASE, shop.fd(mount), slot),
    workspace: (mount, slot) => workspace(shop, mount, slot),
  };
  const { home, planned, mounts } = own;
  shop.prepare();
  const isBind = (mount: Mount) => mounts.making.get(mount)?.how === 'bind';
  const deleted = (mount: Mount) => mount.entry.deleted === true && isBind(mount);
  const spared = ctx.onPaper ? alikeBinds(shop) : new Set<Mount>();
  // Bind mounts come last, so that the contents of several file systems are restored at a time.
  const late = new Late(planned.trees, mounts);
  const apart = (mount: Mount) => late.has(mount) || spared.has(mount);
  for (const mount of mounts.order.filter((one) => !isBind(one) && !late.has(one))) {
    maker.make(mount);
    maker.fill(mount);
  }
  for (const mount of mounts.order.filter((one) => isBind(one) && !deleted(one) && !apart(one)))
    maker.make(mount);
  maker.filled();
  // The type of a removed file follows from its mount point, which has to exist.
  for (const mount of mounts.order.filter(deleted)) {
    if (late.has(mount)) throw onOverlay(mount);
    maker.reappear(mount);
  }
  const others = planned.trees.filter((tree) => tree !== home);
  for (const mount of maker.parked) if (!home?.mounts.includes(mount)) maker.unpark(mount);
  if (others.length > 0) shop.note(undefined, 'where mounts are made');
  for (const tree of others) {
    shop.go(undefined);
    shop.program.syscall('unshare', [CLONE_NEW.mnt], { label: `mount namespace ${tree.namespace.id}` });
    raise(shop, tree, apart);
  }
  if (home) {
    shop.go(undefined);
    raise(shop, home, apart);
  }
  late.each((mount, tree) => {
    const making = shop.making(mount);
    // A mount can only be cloned in its own namespace.
    shop.go(making?.how === 'bind' ? shop.treeOf(making.of) : tree);
    maker.make(mount);
    maker.fill(mount);
    maker.filled();
    shop.go(tree);
    place(shop, mount);
    maker.parked.add(mount);
  });
  // Before a mount may become read-only, and where interpreters are those of the tasks.
  for (const mount of mounts.order) registerFormats(shop, mount);
  for (const [fd, slot] of shop.covered) plan.give(PHASE, fd, slot);
  for (const disappear of maker.later) disappear();
  for (const tree of planned.trees) {
    shop.go(tree);
    settle(shop, tree, spared);
  }
  share(shop, planSharing(planned.trees.flatMap((tree) => tree.mounts)));
  shop.back();
}

/**
 * Bind mounts that take the same steps as an earlier one of their file system, with other paths alone: a plan that is
 * not executed has those of one.
 */
function alikeBinds(shop: Workshop): ReadonlySet<Mount> {
  const { ctx, own } = shop;
  const covered = own.planned.coveredSlots(ctx);
  const seen = new Set<number>();
  const alike = new Set<Mount>();
  for (const mount of own.mounts.order) {
    const { deleted, fstype, root_dev: device } = mount.entry;
    if (shop.making(mount)?.how !== 'bind' || deleted || fstype === FsType.DEVPTS || covered.has(mount))
      continue;
    if (seen.has(device)) alike.add(mount);
    seen.add(device);
  }
  return alike;
}

/**
 * Attaches the mounts of a namespace in a copy of the caller's, which thereby becomes that namespace.
 * @param apart whether a mount is left out
 */
function raise(shop: Workshop, tree: MountTree, apart: (mount: Mount) => boolean): void {
  shop.arrived(tree);
  assemble(shop, tree, apart);
  enter(shop, tree);
  if (shop.own.planned.trees.length > 1 || tree !== shop.own.home)
    shop.note(tree, `mount namespace ${tree.namespace.id}`);
}

/** A detached writable clone, in which files of the mount's file system are created. */
function workspace(shop: Workshop, mount: Mount, slot: Slot): void {
  shop.go(shop.treeOf(mount));
  const p = shop.program;
  const fd = shop.plan.tempFd();
  const label = `workspace on ${title(mount)}`;
  moveTo(p, cloneMount(p, shop.fd(mount), '', label), fd);
  setAttributes(p, fd, { propagation: MS_PRIVATE, clear: MOUNT_ATTR_RDONLY }, label);
  shop.plan.give(PHASE, fd, slot);
  shop.back();
}

function assemble(shop: Workshop, tree: MountTree, apart: (mount: Mount) => boolean): void {
  const root = shop.fd(tree.root);
  const p = shop.program;
  const yard = makeFileSystem(p, 'tmpfs', [], 'place of the new root');
  attach(p, yard, AT_FDCWD, '/', 'place of the new root');
  p.syscall('mkdirat', [yard, p.cstring('root'), 0o700], { label: 'place of the new root' });
  attach(p, root, yard, 'root', title(tree.root));
  p.syscall('close', [yard]);
  for (const mount of tree.mounts) if (!apart(mount)) place(shop, mount);
}

/** Attaches a mount to its parent, which is attached already. */
function place(shop: Workshop, mount: Mount): void {
  if (!mount.parent) return;
  const [made, on] = [shop.fd(mount), shop.fd(mount.parent)];
  const point = placeInParent(mount);
  // openat2(2) with RESOLVE_NO_XDEV fails on an automount point; all folders there are our own.
  if (mount.parent.entry.fstype === FsType.AUTOFS && shop.making(mount.parent)?.how === 'new')
    attach(shop.program, made, on, point, title(mount));
  else attachInside(shop.program, made, on, point, title(mount), keep(shop, mount));
  shop.plan.means(PHASE, pointOf(title(mount)), (error) => noPoint(mount, error));
}

/** The number for a descriptor of the directory or file that a mount covers; undefined if no task needs it. */
function keep(shop: Workshop, mount: Mount): number | undefined {
  const slot = shop.own.planned.coveredSlots(shop.ctx).get(mount);
  if (!slot) return undefined;
  const fd = shop.plan.tempFd();
  shop.covered.set(fd, slot);
  return fd;
}

function onOverlay(mount: Mount): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `the mount at ${mount.mountpoint} shows something that has been removed from an overlay`,
    { file: `mountpoints-${mount.namespace.id}.img`, entry: `mount ${mount.entry.mnt_id}` },
    `unmount it before the dump, or name it with --external mnt[${mount.mountpoint}]:KEY`,
  );
}

const NO_POINT: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is below something that is no folder',
  ELOOP: 'is, or lies behind, a symbolic link',
  EXDEV: 'leads out of the mount that it is on',
};

function noPoint(mount: Mount, error: unknown): CriuError {
  const code = (error as { code?: string }).code ?? '';
  return new CriuError(
    'FILE_CHANGED',
    `the mount point ${mount.mountpoint} ${NO_POINT[code] ?? 'cannot be opened'}`,
    { file: `mountpoints-${mount.namespace.id}.img`, entry: `mount ${mount.entry.mnt_id}` },
    'bring back the folders of the checkpoint as they were, or give another root with --root',
    error,
  );
}

/** Propagation flags, which are not mount attributes. */
const PROPAGATION = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE;

/** Whether a mount has the flags of a new mount, and is a new mount or a clone of one. */
function isPlain(shop: Workshop, mount: Mount): boolean {
  let how = shop.making(mount);
  while (how?.how === 'bind') how = shop.making(how.of);
  return how?.how === 'new' && (mount.flags & ~PROPAGATION) === MS_RELATIME;
}

/** Sets flags, when everything is filled and attached. */
function settle(shop: Workshop, tree: MountTree, spared: ReadonlySet<Mount>): void {
  for (const mount of tree.mounts) {
    if (spared.has(mount)) continue;
    const late = shop.making(mount)?.how === 'new' ? superOptions(mount, false) : [];
    if (late.length > 0) reconfigure(shop.program, shop.fd(mount), late, `${title(mount)}: read-only`);
    if (!isPlain(shop, mount))
      setAttributes(shop.program, shop.fd(mount), attributesOf(mount.flags), `flags of ${title(mount)}`);
  }
}

/** Replaces the root by the new one, and detaches the old one with everything on it. */
function enter(shop: Workshop, tree: MountTree): void {
  const p = shop.program;
  const root = shop.fd(tree.root);
  p.syscall('fchdir', [root], { label: 'the new root' });
  p.syscall('pivot_root', [p.cstring('.'), p.cstring('.')], { label: 'the new root' });
  // "." leads to the topmost mount on the new root.
  for (const what of ['the place of the new root', 'the place for mounts', 'the old root'])
    p.syscall('umount2', [p.cstring('.'), MNT_DETACH], { label: `let ${what} go` });
  p.syscall('chdir', [p.cstring('/')], { label: 'the new root' });
}
