// Makes the mounts of the root task's namespace: detached first, then put in place, then given their propagation. The root
// task does it itself, born into a copy of the caller's namespace: what proc, mqueue, sysfs and cgroup show is that of
// whoever mounts them. Nothing is mounted in the caller's own namespace at any time.
import { join } from 'node:path';
import { Program } from '@criu/compel';
import { cstring, sys } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { type PlanContext, Slot, type TaskPlan } from '../../../engine/plan.js';
import { asCriuError } from '../../../errors.js';
import { splitMountOptions } from '../../../proc/index.js';
import { moveTo, O_CLOEXEC } from '../../files/common.js';
import { extractArchive } from './archive.js';
import {
  attach,
  cloneMount,
  joinGroup,
  makeFileSystem,
  type Option,
  reconfigure,
  setAttributes,
} from './calls.js';
import { fileSystemOf } from './filesystems.js';
import { attributesOf, MS, SUPER_OPTIONS } from './flags.js';
import type { Making, MountPlan } from './plan.js';
import { planSharing } from './sharing.js';
import { type Mount, type MountTree, placeInParent } from './tree.js';

const OPEN_TREE_CLONE = 1;
const MNT_DETACH = 2;
const AT_FDCWD = -100;
const S_IFREG = 0o100000;

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

export class MountBuilder {
  private readonly numbers = new Map<Mount, number>();
  private readonly yard: number;
  /** Mounts that are attached already, out of the way, so that others can be made from them. */
  private readonly parked = new Set<Mount>();

  constructor(
    private readonly ctx: PlanContext,
    private readonly plan: TaskPlan,
    private readonly tree: MountTree,
    private readonly mounts: MountPlan,
  ) {
    this.yard = plan.tempFd();
  }

  /** The number of a mount's descriptor in the task that builds; it is free again after the phase `place`. */
  fd(mount: Mount): number {
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
    this.prepare();
    for (const mount of this.mounts.order) this.make(mount);
    for (const mount of this.mounts.order) this.fill(mount);
    this.assemble();
    this.settle();
    this.enter();
  }

  /** A copy of the caller's namespace that nothing goes out of, and a place in it to put mounts for a while. */
  private prepare(): void {
    const p = this.program;
    p.syscall('mount', [null, p.cstring('/'), null, MS.REC | MS.PRIVATE, null], {
      label: 'nothing is propagated to the caller',
    });
    moveTo(p, makeFileSystem(p, 'tmpfs', [], 'a place for mounts'), this.yard);
    attach(p, this.yard, AT_FDCWD, '/', 'a place for mounts');
  }

  private make(mount: Mount): void {
    const making = this.mounts.making.get(mount);
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
    const p = this.program;
    moveTo(p, cloneMount(p, this.fd(making.of), making.path, label), fd);
    setAttributes(p, fd, { propagation: MS.PRIVATE }, label);
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
    const making = this.mounts.making.get(mount);
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
      program: async () => {
        await slot.ready;
        const archive = openSync(join(this.ctx.checkpoint.source.dir, image), 'r');
        try {
          await extractArchive(archive, slot.value, title(mount), image);
        } finally {
          closeSync(archive);
          slot.drop();
        }
        return new Program('nothing more');
      },
    });
  }

  private assemble(): void {
    const root = this.fd(this.tree.root);
    const p = this.program;
    p.syscall('mkdirat', [this.yard, p.cstring('root'), 0o700], { label: 'place of the new root' });
    attach(p, root, this.yard, 'root', title(this.tree.root));
    for (const mount of this.tree.mounts) {
      if (!mount.parent) continue;
      attach(this.program, this.fd(mount), this.fd(mount.parent), placeInParent(mount), title(mount));
    }
  }

  /** Flags, once all is filled and in place, and propagation, once nothing is mounted any more. */
  private settle(): void {
    for (const mount of this.tree.mounts) {
      const late = this.mounts.making.get(mount)?.how === 'new' ? superOptions(mount.superFlags, false) : [];
      if (late.length > 0) reconfigure(this.program, this.fd(mount), late, `${title(mount)}: read-only`);
      setAttributes(this.program, this.fd(mount), attributesOf(mount.flags), `flags of ${title(mount)}`);
    }
    for (const { mount, like, slaveOf, shared } of planSharing(this.tree.mounts)) {
      const label = `propagation of ${title(mount)}`;
      const from = like ?? slaveOf;
      if (from) joinGroup(this.program, this.fd(mount), this.fd(from), label);
      if (slaveOf) setAttributes(this.program, this.fd(mount), { propagation: MS.SLAVE }, label);
      if (shared) setAttributes(this.program, this.fd(mount), { propagation: MS.SHARED }, label);
    }
    for (const mount of this.tree.mounts)
      if (mount.flags & MS.UNBINDABLE)
        setAttributes(this.program, this.fd(mount), { propagation: MS.UNBINDABLE }, title(mount));
  }

  /** The new root takes the place of the old one, which is let go with all that lies on it. */
  private enter(): void {
    const p = this.program;
    const root = this.fd(this.tree.root);
    p.syscall('fchdir', [root], { label: 'the new root' });
    p.syscall('pivot_root', [p.cstring('.'), p.cstring('.')], { label: 'the new root' });
    // "." leads to the topmost of the mounts that lie on the new root now: the place for mounts on the old root.
    p.syscall('umount2', [p.cstring('.'), MNT_DETACH], { label: 'let the place for mounts go' });
    p.syscall('umount2', [p.cstring('.'), MNT_DETACH], { label: 'let the old root go' });
    p.syscall('chdir', [p.cstring('/')], { label: 'the new root' });
  }
}
