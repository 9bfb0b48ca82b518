// The context in which mounts are created: a task, the numbers of its descriptors for mounts, and the namespaces that
// it passes through.
import type { Program } from '@criu/compel';
import { constants, openSync } from '@criu/native/fs';
import { AT_FDCWD, MS_PRIVATE, MS_REC, O_CLOEXEC, O_PATH } from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan, TaskRun } from '../../../engine/plan.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import type { Mount, MountTree } from '../../../views/mount-tree.js';
import type { PlannedMounts } from '../../../views/planned-mounts.js';
import { moveTo } from '../../files/common.js';
import { attach, makeFileSystem } from './calls.js';
import type { Making, MountPlan } from './plan.js';
import type { Sharer } from './sharing.js';

export const PHASE = 'namespaces';

/** Name of a mount for messages. */
export function title({ mountpoint, entry }: Mount): string {
  return `mount ${entry.mnt_id} at ${mountpoint}`;
}

/** What has to be created. */
export interface Circumstances {
  /** The namespace of the root task itself; undefined if it stays in the caller's. */
  readonly home: MountTree | undefined;
  readonly planned: PlannedMounts;
  readonly mounts: MountPlan;
}

export class Workshop {
  /** A folder in which mounts are attached temporarily. */
  readonly yard: number;
  /** Descriptor of the caller's root, in the namespace in which mounts are created. */
  readonly oldRoot: number;
  private readonly numbers = new Map<Sharer, number>();
  /** Descriptors of covered directories and files, with the slots in which they are sent to tasks. */
  readonly covered = new Map<number, Slot>();
  /**
   * Descriptors of namespaces that can be entered: the created ones, and the one in which mounts are created
   * (undefined).
   */
  private readonly namespaces = new Map<MountTree | undefined, number>();
  /**
   * The task's current namespace: a created one, the one in which mounts are created (undefined), or the caller's
   * (null).
   */
  private current: MountTree | undefined | null;

  constructor(
    readonly ctx: PlanContext,
    readonly plan: TaskPlan,
    readonly own: Circumstances,
  ) {
    this.yard = plan.tempFd();
    this.oldRoot = plan.tempFd();
  }

  /** Descriptor number of a mount in the building task; it is free again after the phase `place`. */
  fd(mount: Sharer): number {
    let fd = this.numbers.get(mount);
    if (fd === undefined) {
      fd = this.plan.tempFd();
      this.numbers.set(mount, fd);
    }
    return fd;
  }

  get program(): Program {
    return this.plan.program(PHASE);
  }

  making(mount: Mount): Making | undefined {
    return this.own.mounts.making.get(mount);
  }

  treeOf(mount: Mount): MountTree | undefined {
    return this.own.planned.treeOf(mount.namespace);
  }

  /** Creates a private copy of the caller's namespace, with a folder for temporary mounts. */
  prepare(): void {
    const p = this.program;
    if (!this.own.home) p.syscall('unshare', [CLONE_NEW.mnt], { label: 'where mounts are made' });
    moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring('/'), O_PATH | O_CLOEXEC]), this.oldRoot);
    p.syscall('mount', [null, p.cstring('/'), null, MS_REC | MS_PRIVATE, null], {
      label: 'nothing is propagated to the caller',
    });
    moveTo(p, makeFileSystem(p, 'tmpfs', [], 'a place for mounts'), this.yard);
    attach(p, this.yard, AT_FDCWD, '/', 'a place for mounts');
  }

  /** Work of this process while the task waits. @throws its error, as a CriuError with the message `failure` */
  meanwhile(
    step: {
      readonly title: string;
      readonly needs?: Slot[];
      readonly failure: string;
      readonly file: string;
    },
    work: (run: TaskRun) => void | Promise<void>,
  ): void {
    const { file, ...about } = step;
    this.plan.meanwhile(PHASE, { ...about, object: { file } }, work);
  }

  /** Records that the task has entered a new copy of the namespace: that of a tree. */
  arrived(tree: MountTree): void {
    this.current = tree;
  }

  /** Makes the current namespace one that can be entered later. */
  note(tree: MountTree | undefined, name: string): void {
    const slot = tree ? this.own.planned.namespaceSlot(this.ctx, tree) : this.ctx.openSlot(name);
    const about = { title: name, failure: 'cannot hold the mount namespace', file: 'ns/mnt' };
    this.meanwhile(about, ({ hostPid }) =>
      slot.fill(openSync(`/proc/${hostPid}/ns/mnt`, constants.O_RDONLY)),
    );
    const fd = this.plan.tempFd();
    this.namespaces.set(tree, fd);
    this.plan.take(PHASE, slot, fd);
  }

  /** Enters a namespace that was recorded with `note`. */
  go(tree: MountTree | undefined): void {
    const fd = this.namespaces.get(tree);
    if (this.current === tree || fd === undefined) return;
    this.current = tree;
    const name = tree ? `mount namespace ${tree.namespace.id}` : 'where mounts are made';
    const p = this.program;
    p.syscall('setns', [fd, CLONE_NEW.mnt], { label: name });
    if (tree) return;
    // setns(2) changes to the topmost mount on the root.
    p.syscall('fchdir', [this.oldRoot], { label: 'the old root' });
    p.syscall('chroot', [p.cstring('.')], { label: 'the old root' });
  }

  /** Returns to the task's own namespace. */
  back(): void {
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
}
