// Overlay mounts whose layers are folders of the tree itself: parses their layers, and orders mounts so that an overlay
// is created when the mounts of its layers are attached.
import { statSync } from '@criu/native/fs';
import { CriuError } from '../../../errors.js';
import { splitMountOptions } from '../../../proc/index.js';
import { type Mount, type MountTree, mountAt } from '../../../views/mount-tree.js';
import { FsType } from './filesystems.js';
import type { MountPlan } from './plan.js';
import type { FoundMount } from './table.js';

/** Options that name layers (overlayfs.rst in the kernel's documentation); a plus appends a layer. */
const NAMES: ReadonlySet<string> = new Set(['lowerdir', 'lowerdir+', 'datadir+', 'upperdir', 'workdir']);

/** As kernels since Linux 5.10 show it, and newer ones with a name. */
const VOLATILE = /^(?:fsync=)?volatile$/;

/** The layer folders in the options of an overlay. */
export function layersOf(options: string): string[] {
  return splitMountOptions(options).flatMap((option) => {
    const at = option.indexOf('=');
    const [name, value] = [option.slice(0, at), option.slice(at + 1).replace(/^"(.*)"$/s, '$1')];
    if (!NAMES.has(name)) return [];
    const list = name === 'lowerdir' ? value.split(/(?<!\\):/) : [value];
    return list.filter((path) => path !== '').map((path) => path.replace(/\\(.)/gs, '$1'));
  });
}

/**
 * Refuses an overlay that cannot be mounted again in the tree.
 * @param pid a task whose root is the root of the mount namespace
 * @throws CriuError
 */
export function checkLayers({ fs, options, mountpoint, id }: FoundMount, pid: number): void {
  if (fs?.code !== FsType.OVERLAYFS) return;
  const refuse = (why: string): CriuError =>
    new CriuError(
      'UNSUPPORTED',
      `mount ${id} is an overlay ${why}`,
      { file: mountpoint },
      `name the mount with --external mnt[${mountpoint}]:KEY, and give it to the restore with --external mnt[KEY]:PATH`,
    );
  // The kernel marks such layers in workdir/work/incompat, and mounts none that are marked.
  if (splitMountOptions(options).some((option) => VOLATILE.test(option)))
    throw refuse('that is not synchronised (volatile), whose layers the kernel mounts only once');
  for (const layer of layersOf(options)) {
    if (!layer.startsWith('/'))
      throw refuse(`whose layer ${layer} is named relative to a folder that the kernel does not tell`);
    if (!statSync(`/proc/${pid}/root${layer}`, { throwIfNoEntry: false })?.isDirectory())
      throw refuse(`whose layer ${layer} is no folder that tasks of the mount namespace see`);
  }
}

/**
 * Mounts that are created when the others are attached: overlays, since the kernel looks up layers in the view of the
 * mounting process, bind mounts of these, and mounts on any of them.
 */
export class Late {
  private readonly all = new Set<Mount>();
  private readonly done = new Set<Mount>();

  constructor(
    private readonly trees: readonly MountTree[],
    private readonly mounts: MountPlan,
  ) {
    for (let size = -1; size !== this.all.size; ) {
      size = this.all.size;
      for (const tree of trees) for (const mount of tree.mounts) if (this.isLate(mount)) this.all.add(mount);
    }
  }

  private isLate(mount: Mount): boolean {
    const how = this.mounts.making.get(mount);
    if (how?.how === 'new' && mount.entry.fstype === FsType.OVERLAYFS) return true;
    if (how?.how === 'bind' && this.all.has(how.of)) return true;
    return mount.parent !== undefined && this.all.has(mount.parent);
  }

  has(mount: Mount): boolean {
    return this.all.has(mount);
  }

  /** Whether everything that a mount needs is attached. */
  private isReady(mount: Mount, tree: MountTree): boolean {
    const there = (one: Mount | undefined) => !one || !this.all.has(one) || this.done.has(one);
    const how = this.mounts.making.get(mount);
    if (!there(mount.parent)) return false;
    if (how?.how === 'bind') return there(how.of);
    if (how?.how !== 'new' || mount.entry.fstype !== FsType.OVERLAYFS) return true;
    return layersOf(how.options).every((path) => {
      const on = mountAt(tree, path);
      return on === mount || there(on);
    });
  }

  /**
   * Visits the overlays, each after those that it needs.
   * @throws CriuError for images in which two overlays need each other
   */
  each(put: (mount: Mount, tree: MountTree) => void): void {
    const left = new Map([...this.all].map((mount) => [mount, this.treeOf(mount)] as const));
    while (left.size > 0) {
      const before = left.size;
      for (const [mount, tree] of left) {
        if (!tree || !this.isReady(mount, tree)) continue;
        put(mount, tree);
        this.done.add(mount);
        left.delete(mount);
      }
      const [first] = left.keys();
      if (left.size === before && first)
        throw new CriuError('BAD_IMAGE', 'overlays are layers of each other', {
          file: `mountpoints-${first.namespace.id}.img`,
          entry: `mount ${first.entry.mnt_id}`,
        });
    }
  }

  private treeOf(mount: Mount): MountTree | undefined {
    return this.trees.find((tree) => tree.namespace === mount.namespace);
  }
}
