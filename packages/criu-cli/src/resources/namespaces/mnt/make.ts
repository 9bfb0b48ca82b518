// Creates single detached mounts: new file systems, clones of the caller's mounts, or bind mounts of each other.
import { join } from 'node:path';
import type { MntEntry } from '@criu/images';
import { cstring, sys } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { AT_FDCWD, MS_PRIVATE, O_CLOEXEC, OPEN_TREE_CLONE, S_IFREG } from '@criu/native/uapi';
import { type PlanContext, Slot, type TaskRun } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { SUPER_OPTIONS } from '../../../images/mount-flags.js';
import { splitMountOptions, withFsIds } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { type Mount, placeInParent } from '../../../views/mount-tree.js';
import { agentIdsOutside, makerIds, ownerOutside } from '../../../views/planned-users.js';
import { hierarchyTitle, mountHierarchy } from '../../cgroups/hierarchy.js';
import { moveTo } from '../../files/common.js';
import { ghostImage } from '../../files/regular/ghost-image.js';
import { masterBefore } from '../../files/tty/masters.js';
import type { Beholder } from '../user/command.js';
import { Archivist } from './archive.js';
import { makeAutofs } from './autofs/restore.js';
import { callersMount } from './callers.js';
import { attach, cloneMount, makeFileSystem, type Option, setAttributes } from './calls.js';
import { Reappearance } from './deleted.js';
import { FsType, fileSystemOf, HUGETLBFS } from './filesystems.js';
import { fillHuge, memoryAside } from './huge-files.js';
import { giveIds } from './idmap.js';
import { Flagging } from './inode-flags.js';
import { layersOf } from './layers.js';
import type { Making } from './plan.js';
import { pluginMount } from './plugin-mount.js';
import { placeSockets } from './socket-files.js';
import { Together } from './together.js';
import { PHASE, title, type Workshop } from './workshop.js';

const flagging = stateKey('attributes of files in memory', (ctx: PlanContext) => new Flagging(ctx));

/** Maximal bytes of a value for fsconfig(2). */
const LONGEST_VALUE = 255;

/** The options of a file system for fsconfig(2). */
function optionsOf(mount: Mount, making: Extract<Making, { how: 'new' }>): Option[] {
  const shown = fileSystemOf(mount.entry.fstype)?.shown ?? [];
  const out: Option[] = [['source', making.source]];
  for (const option of splitMountOptions(making.options)) {
    if (option === 'seclabel' || shown.includes(option)) continue;
    const at = option.indexOf('=');
    // fsconfig(2) accepts values of less than 256 bytes; the layers of an overlay can be given one by one (Linux 6.5).
    if (option.startsWith('lowerdir=') && option.length - at > LONGEST_VALUE && !option.includes('::')) {
      for (const layer of layersOf(option)) out.push(['lowerdir+', layer]);
      continue;
    }
    // mountinfo adds the quotes.
    out.push(
      at < 0 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1).replace(/^"(.*)"$/s, '$1')],
    );
  }
  return out;
}

/**
 * Superblock flags that are set on creation, or later when its files exist. A file system without stored files is made
 * read-only at once: tasks in a user namespace may not change that for sysfs afterwards.
 */
export function superOptions({ superFlags, entry }: Mount, early: boolean): Option[] {
  const filled = fileSystemOf(entry.fstype)?.archived ?? false;
  return Object.entries(SUPER_OPTIONS)
    .filter(([name, flag]) => superFlags & flag && (name !== 'ro' || !filled) === early)
    .map(([name]): Option => [name, undefined]);
}

function openClone(path: string): number {
  try {
    return sys('open_tree', AT_FDCWD, cstring(path), OPEN_TREE_CLONE | O_CLOEXEC);
  } catch (error) {
    throw asCriuError(error, 'cannot clone the mount', { file: path });
  }
}

/** Clones a path of the caller, in the caller's namespace: only there does the clone join the peer group. */
function cloneOf(ctx: PlanContext, path: string, { ids }: MntEntry): Slot {
  if (!ids) return ctx.openSlot(`mount of ${path}`, () => openClone(path));
  const slot = ctx.openSlot(`mount of ${path}`);
  ctx.prepare(`clone ${path} with its map of ids`, async () => {
    const fd = openClone(path);
    slot.fill(fd);
    await giveIds(fd, path, ids);
  });
  return slot;
}

/** A mount of a whole hierarchy, made in the cgroup namespace of this process. */
function hierarchySlot(ctx: PlanContext, hierarchy: string, label: string): Slot {
  return ctx.openSlot(`${hierarchyTitle(hierarchy)} for ${label}`, () => mountHierarchy(hierarchy));
}

function noSource(mount: Mount, { of, path }: Extract<Making, { how: 'bind' }>, error: unknown): CriuError {
  const { code = '' } = error as { code?: string };
  return new CriuError(
    'FILE_CHANGED',
    `the mount at ${mount.mountpoint} is a bind of ${path || '.'} on the mount at ${of.mountpoint}, which ${code === 'ENOENT' ? 'is not there' : 'cannot be used'}`,
    { file: `mountpoints-${mount.namespace.id}.img`, entry: `mount ${mount.entry.mnt_id}` },
    'bring back the folders of the checkpoint as they were, or give another root with --root',
    error,
  );
}

function noGroup(mount: Mount, making: Extract<Making, { how: 'cgroup' }>, error: unknown): CriuError {
  const { hierarchy, path } = making;
  return new CriuError(
    'FILE_CHANGED',
    `the mount at ${mount.mountpoint} shows the group ${path} of ${hierarchyTitle(hierarchy)}, which is not there`,
    { file: `mountpoints-${mount.namespace.id}.img`, entry: `mount ${mount.entry.mnt_id}` },
    'make the group before the restore',
    error,
  );
}

export class MountMaker {
  /** Mounts that are attached in a temporary place, so that others can be cloned from them. */
  readonly parked = new Set<Mount>();
  /** Work that remains when all mounts are attached. */
  readonly later: (() => void)[] = [];

  /** Mounts whose files may not be restored completely yet. */
  private readonly unfilled = new Set<Mount>();
  private archivist: Archivist | undefined;
  private readonly archives = new Together(Archivist.atOnce);

  constructor(private readonly shop: Workshop) {
    shop.ctx.cleanup('wait for archives', async () => {
      await this.archives.ended();
      this.archivist?.end();
    });
  }

  make(mount: Mount): void {
    const making = this.shop.making(mount);
    if (!making) return;
    const fd = this.shop.fd(mount);
    const label = title(mount);
    if (making.how === 'clone') {
      this.shop.plan.take(PHASE, cloneOf(this.shop.ctx, making.path, mount.entry), fd);
      setAttributes(this.shop.program, fd, { propagation: MS_PRIVATE }, label);
      return;
    }
    if (making.how === 'callers') {
      this.shop.plan.take(PHASE, callersMount(this.shop.ctx, making.fs), fd);
      setAttributes(this.shop.program, fd, { propagation: MS_PRIVATE }, label);
      return;
    }
    if (making.how === 'namespace') {
      this.shop.plan.take(PHASE, making.slot, fd);
      const p = this.shop.program;
      moveTo(p, cloneMount(p, fd, '', label), fd);
      setAttributes(p, fd, { propagation: MS_PRIVATE }, label);
      return;
    }
    if (making.how === 'cgroup') {
      this.shop.plan.take(PHASE, hierarchySlot(this.shop.ctx, making.hierarchy, label), fd);
      setAttributes(this.shop.program, fd, { propagation: MS_PRIVATE }, label);
      if (making.path !== '/') this.narrow(mount, making);
      return;
    }
    if (making.how === 'plugin') {
      this.shop.plan.take(PHASE, pluginMount(this.shop.ctx, making), fd);
      setAttributes(this.shop.program, fd, { propagation: MS_PRIVATE }, label);
      return;
    }
    if (making.how === 'new' && mount.entry.fstype === FsType.AUTOFS) {
      makeAutofs(this.shop, mount, making.source);
      return;
    }
    if (making.how === 'new') {
      const options = [...optionsOf(mount, making), ...superOptions(mount, true)];
      moveTo(this.shop.program, makeFileSystem(this.shop.program, making.fs, options, label), fd);
      return;
    }
    if (making.path !== '' && this.unfilled.has(making.of)) this.filled();
    this.park(making.of);
    this.pairBefore(making.of, making.path);
    const p = this.shop.program;
    // Everything stays private until propagation is set, including clones.
    const source = `source of ${label}`;
    moveTo(p, cloneMount(p, this.shop.fd(making.of), making.path, source), fd);
    this.shop.plan.means(PHASE, source, (error) => noSource(mount, making, error));
  }

  /** Has a new mount of a hierarchy show one of its groups: before Linux 6.15 a clone is made of an attached mount only. */
  private narrow(mount: Mount, making: Extract<Making, { how: 'cgroup' }>): void {
    const { shop } = this;
    const fd = shop.fd(mount);
    const p = shop.program;
    const place = `cgroup.${mount.entry.mnt_id}`;
    const [label, source] = [title(mount), `source of ${title(mount)}`];
    p.syscall('mkdirat', [shop.yard, p.cstring(place), 0o700], { label });
    attach(p, fd, shop.yard, place, label);
    moveTo(p, cloneMount(p, fd, making.path.slice(1), source), fd);
    shop.plan.means(PHASE, source, (error) => noGroup(mount, making, error));
    setAttributes(p, fd, { propagation: MS_PRIVATE }, label);
  }

  /** A terminal exists on a new devpts only while its master is open. */
  private pairBefore(devpts: Mount, path: string): void {
    const { shop } = this;
    const { ctx, own } = shop;
    if (devpts.entry.fstype !== FsType.DEVPTS || shop.making(devpts)?.how !== 'new') return;
    if (!/^\d+$/.test(path)) return;
    const from = own.planned.slot(devpts);
    const open = masterBefore(ctx, devpts.entry.root_dev, Number(path));
    const about = {
      title: `terminal ${path} of ${title(devpts)}`,
      needs: [from],
      failure: `${title(devpts)}: cannot make the terminal ${path}`,
      file: `/dev/pts/${path}`,
    };
    shop.meanwhile(about, () => open(from.value));
  }

  /** Creates a bind mount of a removed file. */
  reappear(mount: Mount): void {
    const making = this.shop.making(mount);
    if (making?.how !== 'bind' || !mount.parent) return;
    const { planned } = this.shop.own;
    const [source, parent] = [planned.slot(making.of), planned.slot(mount.parent)];
    const place = placeInParent(mount);
    const { ctx } = this.shop;
    const { removed_ghost: id } = mount.entry;
    const ghost = id === undefined ? undefined : ghostImage(ctx, id);
    const owner = ghost ? ownerOutside(ctx, ghost.entry, ghost.name) : undefined;
    const work: { done?: Reappearance } = {};
    const back = {
      title: `${title(mount)}: the name of what has been removed`,
      needs: [source, parent],
      failure: `${title(mount)}: cannot bring back what has been removed`,
      file: mount.root,
    };
    this.shop.meanwhile(back, async () => {
      const done = new Reappearance(source.value, making.path, ghost);
      work.done = done;
      withFsIds(makerIds(ctx), () => done.make(parent.value, place));
      await done.fill(owner);
    });
    this.make(mount);
    const gone = {
      title: `${title(mount)}: without a name`,
      failure: `${title(mount)}: cannot remove it again`,
      file: mount.root,
    };
    // Removed when the mount is attached: a file without a name cannot be mounted.
    const disappear = (): void => withFsIds(makerIds(ctx), () => work.done?.remove());
    this.later.push(() => this.shop.meanwhile(gone, disappear));
    ctx.cleanup(gone.title, disappear);
  }

  /** Attaches a mount in a temporary place, since before Linux 6.15 a detached mount cannot be cloned. */
  private park(mount: Mount): void {
    if (this.parked.has(mount)) return;
    this.parked.add(mount);
    const p = this.shop.program;
    const name = String(mount.entry.mnt_id);
    const label = `${title(mount)}, out of the way`;
    p.syscall('mkdirat', [this.shop.yard, p.cstring(`folder.${name}`), 0o700], { label });
    p.syscall('mknodat', [this.shop.yard, p.cstring(`file.${name}`), S_IFREG | 0o600, 0], { label });
    // A mount of a file has to be attached to a file.
    attach(p, this.shop.fd(mount), this.shop.yard, `folder.${name}`, label, { expect: 'any' });
    attach(p, this.shop.fd(mount), this.shop.yard, `file.${name}`, label, { expect: 'any' });
  }

  /** Restores the contents of a mount, before it may become read-only. */
  fill(mount: Mount): void {
    const making = this.shop.making(mount);
    if (making?.how !== 'new') return;
    const huge = making.fs === HUGETLBFS;
    if (!huge && !fileSystemOf(mount.entry.fstype)?.archived) return;
    const image = [
      `tmpfs-dev-${mount.entry.root_dev}.tar.gz.img`,
      `tmpfs-${mount.entry.mnt_id}.tar.gz.img`,
    ].find((name) => this.shop.ctx.checkpoint.source.has(name));
    if (image === undefined) return;
    const slot = new Slot(title(mount));
    this.shop.plan.give(PHASE, this.shop.fd(mount), slot);
    this.unfilled.add(mount);
    const attributes = mount.entry.flagged_files.length > 0 ? this.shop.ctx.states.get(flagging) : undefined;
    const name = `files of ${title(mount)}`;
    const about = { title: name, needs: [slot], failure: `cannot bring back the ${name}`, file: image };
    this.shop.meanwhile(about, async (run) => {
      await this.archives.room();
      this.archives.start(this.extract(run, image, slot, mount, { huge, attributes }));
    });
  }

  /** Adds a step that waits until all files have been restored. */
  filled(): void {
    if (this.unfilled.size === 0) return;
    this.unfilled.clear();
    const name = 'all files of mounts';
    this.shop.meanwhile(
      { title: name, failure: `cannot bring back ${name}`, file: 'mountpoints' },
      async () => {
        await this.archives.settled();
        this.archivist?.end();
      },
    );
  }

  private async extract(
    run: TaskRun,
    image: string,
    slot: Slot,
    mount: Mount,
    { huge, attributes }: { readonly huge: boolean; readonly attributes: Flagging | undefined },
  ): Promise<void> {
    const what = title(mount);
    const archive = openSync(join(this.shop.ctx.checkpoint.source.dir, image), 'r');
    const aside = huge ? memoryAside() : undefined;
    try {
      this.archivist ??= new Archivist(this.beholder(run), this.shop.ctx.options.signal);
      await this.archivist.extract({ image: archive, folder: aside ?? slot.value, what, file: image });
      if (aside !== undefined) await fillHuge(aside, slot.value, what);
      this.sockets(slot.value, mount);
      attributes?.add(slot.value, mount.entry.flagged_files, what);
    } finally {
      closeSync(archive);
      if (aside !== undefined) closeSync(aside);
      slot.drop();
    }
  }

  /** Creates the sockets among the files of a mount. @throws CriuError */
  private sockets(root: number, mount: Mount): void {
    const { ctx } = this.shop;
    const file = `mountpoints-${mount.namespace.id}.img`;
    withFsIds(agentIdsOutside(ctx), () =>
      placeSockets(root, mount.entry.sockets, (socket) => ownerOutside(ctx, socket, file), file),
    );
  }

  /** The user namespace of the tasks, which determines the owners of files. */
  private beholder({ hostPid }: TaskRun): Beholder | undefined {
    const outside = agentIdsOutside(this.shop.ctx);
    return outside && { pid: hostPid, outside };
  }

  /** A mount that is parked in one namespace is attached in another one as a clone. */
  unpark(mount: Mount): void {
    const p = this.shop.program;
    const fd = this.shop.fd(mount);
    moveTo(p, cloneMount(p, fd, '', title(mount)), fd);
  }
}
