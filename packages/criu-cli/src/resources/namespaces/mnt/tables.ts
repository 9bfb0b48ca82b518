// The mounts of all namespaces of a dump: external mounts, covered mounts, and mounts that show a whole file system.
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import type { MountInfo } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { isBelow } from '../../../views/mount-paths.js';
import { mountTables } from '../../../views/mounts.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { type NamespaceRoots, namespaceRoots, pathBelow } from '../../cgroups/namespace-roots.js';
import { type External, externalMounts } from './external.js';
import { type FoundMount, foundMounts } from './table.js';

export interface Table {
  readonly namespace: Namespace;
  readonly mounts: readonly FoundMount[];
  /** The root mount of the namespace. */
  readonly root: FoundMount;
  readonly externals: ReadonlyMap<FoundMount, External>;
}

/**
 * Roots of the root task's cgroup namespace, as the root task will create the mounts; undefined without such a
 * namespace.
 */
function cgroupRootsOf(ctx: DumpContext): NamespaceRoots | undefined {
  const namespace = namespacesOf(ctx).of(ctx.root, 'cgroup');
  return namespace && ctx.states.get(namespaceRoots).get(namespace.id);
}

/** The hierarchy that a mount of cgroup or cgroup2 shows, named as in /proc/PID/cgroup. */
function hierarchyOf({ fs, options }: FoundMount, roots: NamespaceRoots): string | undefined {
  if (fs?.name === 'cgroup2') return '';
  const words = options.split(',');
  return [...roots.keys()].find((name) => name !== '' && name.split(',').every((one) => words.includes(one)));
}

/** A mount of cgroups with its root as seen in the cgroup namespace. */
function inCgroupNamespace(mount: FoundMount, roots: NamespaceRoots | undefined): FoundMount {
  if (!roots || (mount.fs?.name !== 'cgroup' && mount.fs?.name !== 'cgroup2')) return mount;
  const hierarchy = hierarchyOf(mount, roots);
  const top = roots.get(hierarchy ?? '') ?? '/';
  const root = pathBelow(mount.root, top);
  return root === undefined ? { ...mount, beyond: top, hierarchy } : { ...mount, root };
}

/** By the list that the kernel gave: the tables before and after the visit have the same mounts. */
const translated = stateKey(
  'mounts in the terms of images',
  (_: DumpContext) => new Map<readonly MountInfo[], readonly FoundMount[]>(),
);

function mountsIn(ctx: DumpContext, mounts: readonly MountInfo[]): readonly FoundMount[] {
  const known = ctx.states.get(translated);
  const found = known.get(mounts) ?? foundMounts(mounts, ctx.options.enableFs ?? []);
  known.set(mounts, found);
  return found;
}

function tableOf(ctx: DumpContext, namespace: Namespace): Table {
  const [member] = namespace.members;
  if (!member) throw new CriuError('INTERNAL', 'no task is in the mount namespace');
  const skipped = ctx.options.skipMounts ?? [];
  const roots = cgroupRootsOf(ctx);
  const all = mountsIn(ctx, mountTables(ctx).of(member.pid).mounts).map((mount) =>
    inCgroupNamespace(mount, roots),
  );
  const mounts = all.filter(({ mountpoint, fs }) => !skipped.includes(mountpoint) && fs?.name !== 'tracefs');
  const ids = new Set(mounts.map(({ id }) => id));
  const root = mounts.find(
    ({ mountpoint, parentId, id }) => mountpoint === '/' && (!ids.has(parentId) || parentId === id),
  );
  if (!root)
    throw new CriuError('UNSUPPORTED', 'no mount is the root of its mount namespace', { pid: member.pid });
  const isRoots = namespace.members.includes(ctx.root);
  return { namespace, mounts, root, externals: externalMounts(ctx, mounts, isRoots) };
}

export class Tables {
  readonly all: readonly Table[];
  /** By device number: mounts whose file systems a restore gets from outside. */
  private readonly outside = new Map<number, FoundMount[]>();
  /** By device number: the first mount that shows the whole file system and can be created anew. */
  private readonly wholes = new Map<number, FoundMount>();

  constructor(ctx: DumpContext) {
    this.all = namespacesOf(ctx)
      .foreign.filter(({ kind }) => kind === 'mnt')
      .map((namespace) => tableOf(ctx, namespace));
    const ofRoot = this.all[0]?.root;
    for (const { mounts, externals } of this.all)
      for (const mount of mounts) {
        const { dev, root, beyond, deleted, fs } = mount;
        if (externals.has(mount) || mount === ofRoot)
          this.outside.set(dev, [...(this.outside.get(dev) ?? []), mount]);
        if (root === '/' && !beyond && !deleted && fs && !this.wholes.has(dev)) this.wholes.set(dev, mount);
      }
  }

  of(namespace: Namespace): Table {
    const found = this.all.find((table) => table.namespace === namespace);
    if (!found) throw new CriuError('INTERNAL', `mount namespace ${namespace.id} has no table`);
    return found;
  }

  /** Whether a mount is restored as a bind mount of an external one, or of the root of the root task's namespace. */
  isFromOutside(mount: FoundMount): boolean {
    const sources = this.outside.get(mount.dev);
    return sources?.some(({ beyond, root }) => beyond === mount.beyond && isBelow(mount.root, root)) ?? false;
  }

  /** A mount that shows the whole file system and can be created anew. */
  wholeOf({ dev }: FoundMount): FoundMount | undefined {
    return this.wholes.get(dev);
  }
}

const early = stateKey('mounts before a visit', (ctx: DumpContext) => new Tables(ctx));
const tables = stateKey('mounts of all namespaces', (ctx: DumpContext) => new Tables(ctx));

/**
 * The mounts of a dump before namespaces are visited: roots of cgroup namespaces are not known yet, and mounts of
 * cgroups are as the dumper sees them. Tasks are collected.
 */
export function earlyTablesOf(ctx: DumpContext): Tables {
  return ctx.states.get(early);
}

/** The mounts of a dump, after cgroup namespaces were visited: what their mounts show depends on the roots. */
export function tablesOf(ctx: DumpContext): Tables {
  return ctx.states.get(tables);
}

/** The mounts that have to be unmounted for the path of `wanted` to lead to it, in that order. */
export function coversOf({ mounts, root }: Table, wanted: FoundMount): FoundMount[] {
  const gone = new Set<FoundMount>();
  const top = (): FoundMount => {
    let found = root;
    for (;;) {
      const next = mounts
        .filter(
          (one) =>
            one.parentId === found.id &&
            one !== found &&
            !gone.has(one) &&
            isBelow(wanted.mountpoint, one.mountpoint),
        )
        // A mount on a folder covers mounts below that folder.
        .sort((a, b) => a.mountpoint.length - b.mountpoint.length)[0];
      if (!next) return found;
      found = next;
    }
  };
  for (let now = top(); now !== wanted && now !== root; now = top()) gone.add(now);
  return [...gone];
}
