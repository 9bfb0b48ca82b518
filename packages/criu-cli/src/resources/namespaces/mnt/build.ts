// Makes the mounts of all namespaces: detached first, then put in place in a copy of the caller's namespace, one for each,
// then given their propagation. The root task does it itself: what proc, mqueue, sysfs and cgroup show is that of whoever
// mounts them. Nothing is mounted in the caller's own namespace at any time.
import { join } from 'node:path';
import { Program } from '@criu/compel';
import { cstring, sys } from '@criu/native';
import { closeSync, constants, openSync } from '@criu/native/fs';
import { AT_FDCWD, MNT_DETACH, OPEN_TREE_CLONE, S_IFREG } from '@criu/native/uapi';
import { type PlanContext, Slot, type TaskPlan, type TaskRun } from '../../../engine/plan.js';
import { asCriuError } from '../../../errors.js';
import { attributesOf, MOUNT_ATTR_RDONLY, MS, SUPER_OPTIONS } from '../../../images/mount-flags.js';
import { splitMountOptions, withFsIds } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { type Mount, type MountTree, placeInParent } from '../../../views/mount-tree.js';
import type { PlannedMounts } from '../../../views/planned-mounts.js';
import { agentIds, agentIdsOutside, ownerOutside, plannedUsers } from '../../../views/planned-users.js';
import { moveTo, O_CLOEXEC, O_PATH } from '../../files/common.js';
import { ghostImage } from '../../files/regular/ghost-image.js';
import { masterBefore } from '../../files/tty/masters.js';
import { type Beholder, extractArchive } from './archive.js';
import {
  attach,
  attachInside,
  cloneMount,
  joinGroup,
  makeFileSystem,
  type Option,
  reconfigure,
  SET_GROUP,
  setAttributes,
} from './calls.js';
import { Reappearance } from './deleted.js';
import { FsType, fileSystemOf } from './filesystems.js';
import type { Making, MountPlan } from './plan.js';
import { isHelper, planSharing, type Sharer, type Sharing } from './sharing.js';

const PHASE = 'namespaces';

/** Options of a file system as fsconfig(2) takes them. */
function optionsOf(mount: Mount, making: Extract<Making, { how: 'new' }>): Option[] {
  const shown = fileSystemOf(mount.entry.fstype)?.shown ?? [];
  const out: Option[] = making.source === '' ? [] : [['source', making.source]];
  for (const option of splitMountOptions(making.options)) {
    if (option === 'seclabel' || shown.includes(option)) continue;
    const at = option.indexOf('=');
    out.push(at < 0 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1)]);
  }
  return out;
}

/** Flags of the superblock that can be set while it is filled, and those that cannot. */
function superOptions(flags: number, early: boolean): Option[] {
  return Object.entries(SUPER_OPTIONS)
    .filter(([name, flag]) => flags & flag && (name !== 'ro') === early)
    .map(([name]): Option => [name, undefined]);
}

function title({ mountpoint, entry }: Mount): string {
  return `mount ${entry.mnt_id} at ${mountpoint}`;
}

/** A clone of a path of the caller's, made in the caller's namespace: only there is it a peer of what it is a clone of. */
function cloneOf(ctx: PlanContext, path: string): Slot {
  return ctx.openSlot(`mount of ${path}`, () => {
    try {
      return sys('open_tree', AT_FDCWD, cstring(path), OPEN_TREE_CLONE | O_CLOEXEC);
    } catch (error) {
      throw asCriuError(error, 'cannot clone the mount', { file: path });
    }
  });
}

/** Options of one builder. */
interface Circumstances {
  /** The namespace that the root task is in itself: made by it, or the caller's if undefined. */
  readonly home: MountTree | undefined;
  readonly planned: PlannedMounts;
  readonly mounts: MountPlan;
}

export class MountBuilder {
  private readonly numbers = new Map<Sharer, number>();
  private readonly yard: number;
  /** The root that the caller has, in the copy where mounts are made. */
  private readonly oldRoot: number;
  /** Mounts that are attached already, out of the way, so that others can be made from them. */
  private readonly parked = new Set<Mount>();
  /** Descriptors of namespaces that can be entered: those that are made, and the one where mounts are made (undefined). */
  private readonly namespaces = new Map<MountTree | undefined, number>();
  /** Where the task is: in a namespace that is made, where mounts are made (undefined), or in the caller's (null). */
  private current: MountTree | undefined | null;
  /** What is left to be done once all mounts are in place. */
  private readonly later: (() => void)[] = [];

  constructor(
    private readonly ctx: PlanContext,
    private readonly plan: TaskPlan,
    private readonly own: Circumstances,
  ) {
    this.yard = plan.tempFd();
    this.oldRoot = plan.tempFd();
    own.planned.giver = {
      mount: (mount, slot) => plan.give(PHASE, this.fd(mount), slot),
      workspace: (mount, slot) => this.workspace(mount, slot),
    };
  }

  /** The number of a mount's descriptor in the task that builds; it is free again after the phase `place`. */
  private fd(mount: Sharer): number {
    let fd = this.numbers.get(mount);
    if (fd === undefined) {
      fd = this.plan.tempFd();
      this.numbers.set(mount, fd);
    }
    return fd;
  }

  private get program() {
    return this.plan.program(PHASE);
  }

  build(): void {
    const { home, planned, mounts } = this.own;
    this.prepare();
    const deleted = (mount: Mount) =>
      mount.entry.deleted === true && mounts.making.get(mount)?.how === 'bind';
    for (const mount of mounts.order.filter((one) => !deleted(one))) {
      this.make(mount);
      this.fill(mount);
    }
    // What they were is told by where they are to be, which has to be there.
    for (const mount of mounts.order.filter(deleted)) this.reappear(mount);
    const others = planned.trees.filter((tree) => tree !== home);
    for (const mount of this.parked) if (!home?.mounts.includes(mount)) this.unpark(mount);
    if (others.length > 0) this.note(undefined, 'where mounts are made');
    for (const tree of others) {
      this.go(undefined);
      this.program.syscall('unshare', [CLONE_NEW.mnt], { label: `mount namespace ${tree.namespace.id}` });
      this.raise(tree);
    }
    if (home) {
      this.go(undefined);
      this.raise(home);
    }
    for (const disappear of this.later) disappear();
    for (const tree of planned.trees) {
      this.go(tree);
      this.settle(tree);
    }
    this.share(planSharing(planned.trees.flatMap((tree) => tree.mounts)));
    this.back();
  }

  /** Puts the mounts of a namespace in place, in a copy of the caller's, which then is that namespace. */
  private raise(tree: MountTree): void {
    this.current = tree;
    this.assemble(tree);
    this.enter(tree);
    if (this.own.planned.trees.length > 1 || tree !== this.own.home)
      this.note(tree, `mount namespace ${tree.namespace.id}`);
  }

  /** Has the namespace that the task is in be one that it and others can enter. */
  private note(tree: MountTree | undefined, name: string): void {
    const slot = tree ? this.own.planned.namespaceSlot(this.ctx, tree) : this.ctx.openSlot(name);
    this.plan.step(PHASE, {
      title: name,
      program: ({ hostPid }) => {
        const file = `/proc/${hostPid}/ns/mnt`;
        try {
          slot.fill(openSync(file, constants.O_RDONLY));
        } catch (error) {
          throw asCriuError(error, 'cannot hold the mount namespace', { file });
        }
        return new Program('nothing more');
      },
    });
    const fd = this.plan.tempFd();
    this.namespaces.set(tree, fd);
    this.plan.take(PHASE, slot, fd);
  }

  private go(tree: MountTree | undefined): void {
    const fd = this.namespaces.get(tree);
    if (this.current === tree || fd === undefined) return;
    this.current = tree;
    const name = tree ? `mount namespace ${tree.namespace.id}` : 'where mounts are made';
    const p = this.program;
    p.syscall('setns', [fd, CLONE_NEW.mnt], { label: name });
    if (tree) return;
    // setns(2) leads to the topmost mount on the root.
    p.syscall('fchdir', [this.oldRoot], { label: 'the old root' });
    p.syscall('chroot', [p.cstring('.')], { label: 'the old root' });
  }

  /** Where the task itself belongs. */
  private back(): void {
    if (this.own.home) {
      this.go(this.own.home);
      return;
    }
    if (this.current === null) return;
    this.current = null;
    const fd = this.plan.tempFd();
    this.plan.take(PHASE, this.own.planned.hostSlot(this.ctx), fd);
    this.program.syscall('setns', [fd, CLONE_NEW.mnt], { label: "the caller's mount namespace" });
  }

  /** A clone that is nowhere and can be written to, for what has to be made on its file system. */
  private workspace(mount: Mount, slot: Slot): void {
    this.go(this.treeOf(mount));
    const p = this.program;
    const fd = this.plan.tempFd();
    const label = `workspace on ${title(mount)}`;
    moveTo(p, cloneMount(p, this.fd(mount), '', label), fd);
    setAttributes(p, fd, { propagation: MS.PRIVATE, clear: MOUNT_ATTR_RDONLY }, label);
    this.plan.give(PHASE, fd, slot);
    this.back();
  }

  private treeOf(mount: Mount): MountTree | undefined {
    return this.own.planned.treeOf(mount.namespace);
  }

  /** A copy of the caller's namespace that nothing goes out of, and a place in it to put mounts for a while. */
  private prepare(): void {
    const p = this.program;
    if (!this.own.home) p.syscall('unshare', [CLONE_NEW.mnt], { label: 'where mounts are made' });
    moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring('/'), O_PATH | O_CLOEXEC]), this.oldRoot);
    p.syscall('mount', [null, p.cstring('/'), null, MS.REC | MS.PRIVATE, null], {
      label: 'nothing is propagated to the caller',
    });
    moveTo(p, makeFileSystem(p, 'tmpfs', [], 'a place for mounts'), this.yard);
    attach(p, this.yard, AT_FDCWD, '/', 'a place for mounts');
  }

  private make(mount: Mount): void {
    const making = this.own.mounts.making.get(mount);
    if (!making) return;
    const fd = this.fd(mount);
    const label = title(mount);
    if (making.how === 'clone') {
      this.plan.take(PHASE, cloneOf(this.ctx, making.path), fd);
      setAttributes(this.program, fd, { propagation: MS.PRIVATE }, label);
      return;
    }
    if (making.how === 'new') {
      const options = [...optionsOf(mount, making), ...superOptions(mount.superFlags, true)];
      moveTo(this.program, makeFileSystem(this.program, making.fs, options, label), fd);
      return;
    }
    this.park(making.of);
    this.pairBefore(making.of, making.path);
    const p = this.program;
    moveTo(p, cloneMount(p, this.fd(making.of), making.path, label), fd);
    setAttributes(p, fd, { propagation: MS.PRIVATE }, label);
  }

  /** A terminal is on a new devpts only as long as its master is open. */
  private pairBefore(devpts: Mount, path: string): void {
    const { ctx, own } = this;
    if (devpts.entry.fstype !== FsType.DEVPTS || own.mounts.making.get(devpts)?.how !== 'new') return;
    if (!/^\d+$/.test(path)) return;
    const from = own.planned.slot(devpts);
    const open = masterBefore(ctx, devpts.entry.root_dev, Number(path));
    this.plan.step(PHASE, {
      title: `terminal ${path} of ${title(devpts)}`,
      needs: [from],
      program: () => {
        open(from.value);
        return new Program('nothing more');
      },
    });
  }

  /** Makes a bind of something that has been removed. */
  private reappear(mount: Mount): void {
    const making = this.own.mounts.making.get(mount);
    if (making?.how !== 'bind' || !mount.parent) return;
    const { planned } = this.own;
    const [source, parent] = [planned.slot(making.of), planned.slot(mount.parent)];
    const place = placeInParent(mount);
    const work: { done?: Reappearance } = {};
    const about = { file: mount.root };
    const { removed_ghost: id } = mount.entry;
    const ghost = id === undefined ? undefined : ghostImage(this.ctx, id);
    const owner = ghost ? ownerOutside(this.ctx, ghost.entry, ghost.name) : undefined;
    this.plan.step(PHASE, {
      title: `${title(mount)}: the name of what has been removed`,
      needs: [source, parent],
      program: async () => {
        const done = new Reappearance(source.value, making.path, ghost);
        work.done = done;
        try {
          withFsIds(agentIdsOutside(this.ctx), () => done.make(parent.value, place));
          await done.fill(owner);
        } catch (error) {
          throw asCriuError(error, `${title(mount)}: cannot bring back what has been removed`, about);
        }
        return new Program('nothing more');
      },
    });
    this.make(mount);
    // Not before it is in place: nothing without a name can be mounted.
    this.later.push(() =>
      this.plan.step(PHASE, {
        title: `${title(mount)}: without a name`,
        program: () => {
          try {
            withFsIds(agentIdsOutside(this.ctx), () => work.done?.remove());
          } catch (error) {
            throw asCriuError(error, `${title(mount)}: cannot remove it again`, about);
          }
          return new Program('nothing more');
        },
      }),
    );
  }

  /** Before Linux 6.15, only of a mount that is attached can there be clones. */
  private park(mount: Mount): void {
    if (this.parked.has(mount)) return;
    this.parked.add(mount);
    const p = this.program;
    const name = String(mount.entry.mnt_id);
    const label = `${title(mount)}, out of the way`;
    p.syscall('mkdirat', [this.yard, p.cstring(`folder.${name}`), 0o700], { label });
    p.syscall('mknodat', [this.yard, p.cstring(`file.${name}`), S_IFREG | 0o600, 0], { label });
    // A mount of a file has to lie on a file.
    attach(p, this.fd(mount), this.yard, `folder.${name}`, label, { expect: 'any' });
    attach(p, this.fd(mount), this.yard, `file.${name}`, label, { expect: 'any' });
  }

  /** Content that is in the images, before anything can be read-only. */
  private fill(mount: Mount): void {
    const making = this.own.mounts.making.get(mount);
    if (making?.how !== 'new' || !fileSystemOf(mount.entry.fstype)?.archived) return;
    const image = [
      `tmpfs-dev-${mount.entry.root_dev}.tar.gz.img`,
      `tmpfs-${mount.entry.mnt_id}.tar.gz.img`,
    ].find((name) => this.ctx.checkpoint.exists(name));
    if (image === undefined) return;
    const slot = new Slot(title(mount));
    this.plan.give(PHASE, this.fd(mount), slot);
    this.plan.step(PHASE, {
      title: `files of ${title(mount)}`,
      program: async (run) => {
        await slot.ready();
        const archive = openSync(join(this.ctx.checkpoint.source.dir, image), 'r');
        try {
          await extractArchive(this.beholder(run), archive, slot.value, title(mount), image);
        } finally {
          closeSync(archive);
          slot.drop();
        }
        return new Program('nothing more');
      },
    });
  }

  /** Files belong to users as the tasks know them. */
  private beholder({ hostPid }: TaskRun): Beholder | undefined {
    return plannedUsers(this.ctx) && { pid: hostPid, ...agentIds(this.ctx) };
  }

  /** A mount that is parked in one namespace can be put in place in another one as a clone. */
  private unpark(mount: Mount): void {
    const p = this.program;
    const fd = this.fd(mount);
    moveTo(p, cloneMount(p, fd, '', title(mount)), fd);
    setAttributes(p, fd, { propagation: MS.PRIVATE }, title(mount));
  }

  private assemble(tree: MountTree): void {
    const root = this.fd(tree.root);
    const p = this.program;
    const yard = makeFileSystem(p, 'tmpfs', [], 'place of the new root');
    attach(p, yard, AT_FDCWD, '/', 'place of the new root');
    p.syscall('mkdirat', [yard, p.cstring('root'), 0o700], { label: 'place of the new root' });
    attach(p, root, yard, 'root', title(tree.root));
    p.syscall('close', [yard]);
    for (const mount of tree.mounts) {
      if (!mount.parent) continue;
      attachInside(this.program, this.fd(mount), this.fd(mount.parent), placeInParent(mount), title(mount));
    }
  }

  /** Flags, once all is filled and in place. */
  private settle(tree: MountTree): void {
    for (const mount of tree.mounts) {
      const late =
        this.own.mounts.making.get(mount)?.how === 'new' ? superOptions(mount.superFlags, false) : [];
      if (late.length > 0) reconfigure(this.program, this.fd(mount), late, `${title(mount)}: read-only`);
      setAttributes(this.program, this.fd(mount), attributesOf(mount.flags), `flags of ${title(mount)}`);
    }
  }

  /** Propagation, once nothing is mounted any more. */
  private share(sharing: readonly Sharing[]): void {
    const { trees } = this.own.planned;
    for (const one of sharing) {
      const { mount } = one;
      this.go(this.treeOf(isHelper(mount) ? mount.base : mount));
      if (isHelper(mount)) {
        const p = this.program;
        moveTo(p, cloneMount(p, this.fd(mount.base), '', 'a peer for a while'), this.fd(mount));
        setAttributes(p, this.fd(mount), { propagation: MS.PRIVATE }, 'a peer for a while');
      }
      this.propagate(one);
    }
    for (const tree of trees)
      for (const mount of tree.mounts) {
        if (!(mount.flags & MS.UNBINDABLE)) continue;
        this.go(tree);
        setAttributes(this.program, this.fd(mount), { propagation: MS.UNBINDABLE }, title(mount));
      }
  }

  private propagate({ mount, like, slaveOf, shared, outside }: Sharing): void {
    const label = `propagation of ${isHelper(mount) ? 'a peer for a while' : title(mount)}`;
    const fd = this.fd(mount);
    const from = like ?? slaveOf;
    if (from) joinGroup(this.program, fd, this.fd(from), label);
    if (outside) this.followOutside(mount, label);
    if (slaveOf || outside) setAttributes(this.program, fd, { propagation: MS.SLAVE }, label);
    if (shared) setAttributes(this.program, fd, { propagation: MS.SHARED }, label);
  }

  /** Takes the groups of the caller's mount that it comes from: the caller does that, as both are in reach for it only. */
  private followOutside(mount: Sharer, label: string): void {
    const of = isHelper(mount) ? mount.base : mount;
    const path = this.own.mounts.outside(of);
    const slot = this.own.planned.slot(of);
    this.plan.step(PHASE, {
      title: `${label}: that of ${path}`,
      program: async () => {
        await slot.ready();
        let from: number | undefined;
        try {
          // A clone is a peer of what it is a clone of.
          from = sys('open_tree', AT_FDCWD, cstring(path), OPEN_TREE_CLONE | O_CLOEXEC);
          sys('move_mount', from, cstring(''), slot.value, cstring(''), SET_GROUP);
        } catch (error) {
          throw asCriuError(
            error,
            `the mount at ${of.mountpoint} follows one outside (${path} must be a shared mount, see mount --make-shared)`,
            { file: path },
          );
        } finally {
          if (from !== undefined) closeSync(from);
        }
        return new Program('nothing more');
      },
    });
  }

  /** The new root takes the place of the old one, which is let go with all that lies on it. */
  private enter(tree: MountTree): void {
    const p = this.program;
    const root = this.fd(tree.root);
    p.syscall('fchdir', [root], { label: 'the new root' });
    p.syscall('pivot_root', [p.cstring('.'), p.cstring('.')], { label: 'the new root' });
    // "." leads to the topmost of the mounts that lie on the new root now.
    for (const what of ['the place of the new root', 'the place for mounts', 'the old root'])
      p.syscall('umount2', [p.cstring('.'), MNT_DETACH], { label: `let ${what} go` });
    p.syscall('chdir', [p.cstring('/')], { label: 'the new root' });
  }
}
