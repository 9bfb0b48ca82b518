// What a checkpoint says of control groups, checked, and at the places where the user wants them.
import { posix } from 'node:path';
import type { CgControllerEntry, CgroupDirEntry, CgroupEntry, CgSetEntry } from '@criu/images';
import { CriuError } from '../../errors.js';
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

  /** @throws CriuError BAD_IMAGE */
  constructor(
    { controllers, sets }: CgroupEntry,
    private readonly roots: CgroupRoots,
  ) {
    const groups: Group[] = [];
    for (const controller of controllers) {
      const hierarchy = nameOf(controller);
      for (const dir of controller.dirs) {
        const path = newRoot(roots, hierarchy) ?? posix.join('/', dir.dir_name);
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
    return set.ctls.map(({ name, path }) => {
      const parts = name.split(',');
      const controller = controllers.find(({ cnames }) => cnames.every((cname) => parts.includes(cname)));
      if (!controller) throw bad(`set ${set.id} is in the hierarchy "${name}", of which nothing is known`);
      if (!path.startsWith('/') || !isGroupPath(path)) throw bad(`set ${set.id} has the path ${path}`);
      const hierarchy = nameOf(controller);
      return {
        hierarchy,
        path: this.moved(hierarchy, path, controller),
        threaded: controller.is_threaded ?? false,
      };
    });
  }

  /** The path with the other root that the user wants. */
  private moved(hierarchy: string, path: string, { dirs }: CgControllerEntry): string {
    const root = newRoot(this.roots, hierarchy);
    if (root === undefined) return path;
    const heads = dirs.map(({ dir_name }) => posix.join('/', dir_name));
    const head = heads.find((top) => top === '/' || path === top || path.startsWith(`${top}/`));
    return head === undefined ? path : posix.join(root, posix.relative(head, path));
  }
}

function nameOf({ cnames }: CgControllerEntry): string {
  if (cnames.length === 0) throw bad('a controller has no name');
  if (cnames.some((name) => name.includes('\0') || name.includes('/')))
    throw bad('a controller has a bad name');
  return cnames.join(',');
}

function collect(groups: Group[], hierarchy: string, path: string, entry: CgroupDirEntry): void {
  if (!isGroupPath(entry.dir_name)) throw bad(`a group has the path ${entry.dir_name}`);
  for (const { name } of entry.properties)
    if (!isPropertyName(name)) throw bad(`a group has the property ${JSON.stringify(name)}`);
  if (path !== '/') groups.push({ hierarchy, path, entry });
  for (const child of entry.children) collect(groups, hierarchy, posix.join(path, child.dir_name), child);
}
