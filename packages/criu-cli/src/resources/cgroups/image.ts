// What a checkpoint says of control groups, checked, and at the places where the user wants them.
import { posix } from 'node:path';
import type { CgControllerEntry, CgroupDirEntry, CgroupEntry, CgSetEntry } from '@criu/images';
import { decodeName, encodeName } from '@criu/native';
import { CriuError } from '../../errors.js';
import { isBelow } from '../../views/mount-paths.js';
import { isPropertyName } from './properties.js';
import { type CgroupRoots, isGroupPath, newRoot } from './roots.js';

/** One group. */
export interface Group {
  readonly hierarchy: string;
  /** From the root of the hierarchy. */
  readonly path: string;
  readonly entry: CgroupDirEntry;
}

/** Where a thread belongs in one hierarchy. */
export interface Member {
  readonly hierarchy: string;
  readonly path: string;
  /** The group that the thread's cgroup namespace has as its root; undefined for the root of the hierarchy. */
  readonly root: string | undefined;
  /** Threads of one process may differ in it. */
  readonly threaded: boolean;
}

const FILE = 'cgroup.img';

function bad(message: string): CriuError {
  return new CriuError('BAD_IMAGE', message, { file: FILE });
}

export class CgroupImage {
  /** Parents before their children; the roots of hierarchies are not among them. */
  readonly groups: readonly Group[];
  private readonly sets = new Map<number, readonly Member[]>();
  /** Roots of cgroup namespaces, by the name that sets have for a hierarchy. */
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
      for (const dir of controller.dirs) {
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

  /** @throws CriuError BAD_IMAGE if there is no such set */
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

  /** The path with the other root that the user wants. */
  private moved(hierarchy: string, path: string, controller: CgControllerEntry): string {
    const root = newRoot(this.roots, hierarchy);
    if (root === undefined) return path;
    const bases = controller.dirs.map(({ dir_name }) => this.base(posix.join('/', dir_name), controller));
    const base = bases.find((top) => isBelow(path, top));
    return base === undefined ? path : posix.join(root, posix.relative(base, path));
  }

  /** The group that another root takes the place of: the root of the tasks' cgroup namespace, else the topmost group. */
  private base(head: string, controller: CgControllerEntry): string {
    for (const [name, root] of this.namespaceRoots)
      if (isOf(controller, name) && isBelow(head, root)) return root;
    return head;
  }
}

/** Whether the hierarchy that a set names is that of a controller entry. */
function isOf({ cnames }: CgControllerEntry, name: string): boolean {
  const parts = name.split(',');
  return cnames.every((cname) => parts.includes(cname));
}

/** The beginning of a path that is the root of the cgroup namespace. @throws CriuError BAD_IMAGE */
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
 * What only the root of a hierarchy always has, and nobody has set: it may be refused to a group that takes its place, as may the time
 * that the whole machine has for real-time tasks, of which there is no second one (sched-rt-group.rst of the kernel).
 */
const OF_ROOT: ReadonlySet<string> = new Set([
  'cpuset.cpu_exclusive',
  'cpuset.mem_exclusive',
  'cpu.rt_runtime_us',
]);

/** A group for another place than the root of its hierarchy. */
function elsewhere(entry: CgroupDirEntry): CgroupDirEntry {
  if (posix.join('/', entry.dir_name) !== '/') return entry;
  return { ...entry, properties: entry.properties.filter(({ name }) => !OF_ROOT.has(name)) };
}

function collect(groups: Group[], hierarchy: string, path: string, entry: CgroupDirEntry): void {
  if (!isGroupPath(entry.dir_name)) throw bad(`a group has the path ${entry.dir_name}`);
  for (const { name } of entry.properties)
    if (!isPropertyName(name)) throw bad(`a group has the property ${JSON.stringify(name)}`);
  if (path !== '/') groups.push({ hierarchy, path, entry: elsewhere(entry) });
  for (const child of entry.children) collect(groups, hierarchy, posix.join(path, child.dir_name), child);
}
