// The control groups of a checkpoint, validated, with paths adjusted for `--cgroup-root`.
import { posix } from 'node:path';
import type { CgControllerEntry, CgroupDirEntry, CgroupEntry, CgSetEntry } from '@criu/images';
import { decodeName, encodeName } from '@criu/native';
import { CriuError } from '../../errors.js';
import { isBelow } from '../../views/mount-paths.js';
import { isPropertyName } from './property-name.js';
import { type CgroupRoots, isGroupPath, newRoot } from './roots.js';
import { goesAlong } from './tree.js';

/** One group. */
export interface Group {
  readonly hierarchy: string;
  /** Path from the root of the hierarchy. */
  readonly path: string;
  readonly entry: CgroupDirEntry;
}

/** The group of a thread in one hierarchy. */
export interface Member {
  readonly hierarchy: string;
  readonly path: string;
  /** The group that is the root of the thread's cgroup namespace; undefined for the root of the hierarchy. */
  readonly root: string | undefined;
  /** Threads of one process may be in different groups. */
  readonly threaded: boolean;
}

const FILE = 'cgroup.img';

function bad(message: string): CriuError {
  return new CriuError('BAD_IMAGE', message, { file: FILE });
}

export class CgroupImage {
  /** All groups except the roots of hierarchies, parents before their children. */
  readonly groups: readonly Group[];
  private readonly sets = new Map<number, readonly Member[]>();
  /** Roots of cgroup namespaces, by the name that sets have for the hierarchy. */
  private readonly namespaceRoots = new Map<string, string>();

  /** @throws CriuError BAD_IMAGE */
  constructor(
    { controllers, sets }: CgroupEntry,
    private readonly roots: CgroupRoots,
  ) {
    for (const set of sets)
      for (const { name, path, cgns_prefix } of set.ctls) {
        const root = rootOf(path, cgns_prefix, set.id);
        if (root !== undefined) this.namespaceRoots.set(name, root);
      }
    const groups: Group[] = [];
    for (const controller of controllers) {
      const hierarchy = nameOf(controller);
      const tops = sets
        .flatMap(({ id, ctls }) => ctls.map((member) => ({ id, ...member })))
        .filter(({ name }) => isOf(controller, name))
        .map(({ id, path, cgns_prefix }) => rootOf(path, cgns_prefix, id) ?? path);
      for (const whole of controller.dirs) {
        const dir = isRoot(whole) ? withoutOthers(whole, '/', tops) : whole;
        const head = posix.join('/', dir.dir_name);
        const root = newRoot(roots, hierarchy);
        const path =
          root === undefined ? head : posix.join(root, posix.relative(this.base(head, controller), head));
        collect(groups, hierarchy, path, dir);
      }
    }
    this.groups = groups;
    for (const set of sets) {
      if (this.sets.has(set.id)) throw bad(`set ${set.id} is there twice`);
      this.sets.set(set.id, this.members(set, controllers));
    }
  }

  /** The groups of a set. @throws CriuError BAD_IMAGE if the images have no such set */
  set(id: number, pid: number): readonly Member[] {
    const set = this.sets.get(id);
    if (!set) throw new CriuError('BAD_IMAGE', `cgroup set ${id} is not in ${FILE}`, { pid, file: FILE });
    return set;
  }

  private members(set: CgSetEntry, controllers: readonly CgControllerEntry[]): Member[] {
    return set.ctls.map(({ name, path, cgns_prefix }) => {
      const controller = controllers.find((one) => isOf(one, name));
      if (!controller) throw bad(`set ${set.id} is in the hierarchy "${name}", of which nothing is known`);
      if (!path.startsWith('/') || !isGroupPath(path)) throw bad(`set ${set.id} has the path ${path}`);
      const hierarchy = nameOf(controller);
      const root = rootOf(path, cgns_prefix, set.id);
      return {
        hierarchy,
        path: this.moved(hierarchy, path, controller),
        root: root === undefined ? undefined : this.moved(hierarchy, root, controller),
        threaded: controller.is_threaded ?? false,
      };
    });
  }

  /** Replaces the root of a path as requested by `--cgroup-root`. */
  private moved(hierarchy: string, path: string, controller: CgControllerEntry): string {
    const root = newRoot(this.roots, hierarchy);
    if (root === undefined) return path;
    const bases = controller.dirs.map(({ dir_name }) => this.base(posix.join('/', dir_name), controller));
    const base = bases.find((top) => isBelow(path, top));
    return base === undefined ? path : posix.join(root, posix.relative(base, path));
  }

  /** The group that is replaced: the root of the tasks' cgroup namespace, else the topmost group. */
  private base(head: string, controller: CgControllerEntry): string {
    for (const [name, root] of this.namespaceRoots)
      if (isOf(controller, name) && isBelow(head, root)) return root;
    return head;
  }
}

/** Whether a set's hierarchy is that of a controller entry. */
function isOf({ cnames }: CgControllerEntry, name: string): boolean {
  const parts = name.split(',');
  return cnames.every((cname) => parts.includes(cname));
}

/** The part of a path that is the root of the cgroup namespace. @throws CriuError BAD_IMAGE */
function rootOf(path: string, prefix: number | undefined, set: number): string | undefined {
  if (prefix === undefined || prefix === 0) return undefined;
  const root = decodeName(encodeName(path).subarray(0, prefix));
  if (encodeName(path).length < prefix || !isBelow(path, root))
    throw bad(`set ${set} has the path ${path}, of which ${prefix} bytes are no group`);
  return root;
}

function nameOf({ cnames }: CgControllerEntry): string {
  if (cnames.length === 0) throw bad('a controller has no name');
  if (cnames.some((name) => name.includes('\0') || name.includes('/')))
    throw bad('a controller has a bad name');
  return cnames.join(',');
}

/**
 * Properties that are always set in the root of a hierarchy. They are not copied to a group that takes its place, which
 * may refuse them. The same holds for the machine's time for real-time tasks, which cannot be granted twice
 * (sched-rt-group.rst of the kernel).
 */
const OF_ROOT: ReadonlySet<string> = new Set([
  'cpuset.cpu_exclusive',
  'cpuset.mem_exclusive',
  'cpu.rt_runtime_us',
]);

/** Whether a group was the root of its hierarchy when it was dumped. */
export function isRoot({ dir_name }: CgroupDirEntry): boolean {
  return posix.join('/', dir_name) === '/';
}

/**
 * The root of a hierarchy without the groups of others, which CRIU's images have. They would come back when their owners have
 * removed them, and be copied to another root with each restore there.
 */
function withoutOthers(entry: CgroupDirEntry, path: string, tops: readonly string[]): CgroupDirEntry {
  const children = entry.children
    .map((child) => ({ child, at: posix.join(path, child.dir_name) }))
    .filter(({ at }) => goesAlong(at, tops))
    .map(({ child, at }) => withoutOthers(child, at, tops));
  return { ...entry, children };
}

/** The entry for a group that is restored elsewhere than at the root of its hierarchy. */
function elsewhere(entry: CgroupDirEntry): CgroupDirEntry {
  if (!isRoot(entry)) return entry;
  return { ...entry, properties: entry.properties.filter(({ name }) => !OF_ROOT.has(name)) };
}

function collect(groups: Group[], hierarchy: string, path: string, entry: CgroupDirEntry): void {
  if (!isGroupPath(entry.dir_name)) throw bad(`a group has the path ${entry.dir_name}`);
  for (const { name } of entry.properties)
    if (!isPropertyName(name)) throw bad(`a group has the property ${JSON.stringify(name)}`);
  if (path !== '/') groups.push({ hierarchy, path, entry: elsewhere(entry) });
  for (const child of entry.children) collect(groups, hierarchy, posix.join(path, child.dir_name), child);
}
