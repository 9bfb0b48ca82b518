// Control groups: which ones the threads are in, and how those are configured.
import type { CgControllerEntry, CgMemberEntry, CgroupDirEntry, Encodable } from '@criu/images';
import { encodeName } from '@criu/native';
import type { DumpContext } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';
import { isBelow } from '../../views/mount-paths.js';
import { Hierarchies, hasController } from './hierarchy.js';
import { type CgroupMode, modeOf } from './mode.js';
import { namespaceRoots } from './namespace-roots.js';
import { PropertyNames } from './properties.js';
import { type CgroupRoots, newRoot, parseRoots } from './roots.js';
import { type CgroupSet, CgroupSets, OWN_SET } from './sets.js';
import { readGroups } from './tree.js';

interface Wishes {
  readonly mode: CgroupMode;
  readonly properties: PropertyNames;
  readonly roots: CgroupRoots;
}

const wishes = stateKey('options about cgroups', (_: DumpContext): Wishes | undefined => undefined);
const controllers = stateKey(
  'controllers',
  (_: DumpContext): Encodable<CgControllerEntry>[] | undefined => undefined,
);

/** Mistakes in options are found before anything is stopped. */
async function readWishes(ctx: DumpContext): Promise<void> {
  const { options } = ctx;
  const properties = new PropertyNames();
  if (options.cgroupProps !== undefined) await properties.add(options.cgroupProps, '--cgroup-props');
  if (options.cgroupPropsFile !== undefined) await properties.addFile(options.cgroupPropsFile);
  ctx.states.set(wishes, {
    mode: modeOf(options),
    properties,
    roots: parseRoots(options.cgroupRoots ?? []),
  });
}

/** Reads the groups of the tasks while they stand still; where all are in the dumper's own there is nothing to read. */
function collectGroups(ctx: DumpContext): void {
  const asked = ctx.states.get(wishes);
  if (!asked) throw new CriuError('INTERNAL', 'the options about cgroups were not read before the freeze');
  const { mode, properties, roots } = asked;
  const sets = CgroupSets.of(ctx);
  if (sets.foreign.length === 0) return;
  // Named hierarchies come last, and only those that tasks are in: all of them.
  const named = (name: string) => name.startsWith('name=');
  const members = sets.foreign.flatMap((set) =>
    set.members.map(({ name, path }) => ({ name, path, top: topOf(ctx, set, name, path) })),
  );
  const names = [
    ...sets.hierarchies.filter((name) => !named(name)),
    ...new Set(members.map(({ name }) => name).filter(named)),
  ];
  if (mode === 'ignore') {
    ctx.states.set(
      controllers,
      names.map((name) => ({ cnames: name.split(','), is_threaded: false })),
    );
    return;
  }
  const hierarchies = new Hierarchies(ctx.options.cgroupYard);
  try {
    ctx.states.set(
      controllers,
      names.map((name) => {
        const paths = members
          .filter((member) => hasController(name, member.name))
          .map(({ top }) => newRoot(roots, name) ?? top);
        const { dirs, threaded } = readGroups(hierarchies.get(name), new Set(paths), properties.of(name));
        noteFreezer(ctx, name, dirs);
        return { cnames: name.split(','), dirs, is_threaded: threaded };
      }),
    );
  } finally {
    hierarchies.close();
  }
}

/**
 * With `--freeze-cgroup`, tasks of a frozen group are frozen again by a restore. Of cgroup v2 images have what the group
 * is during the dump, as CRIU has it: engines freeze a container to checkpoint it, and expect the restored one to run.
 */
function noteFreezer({ freezer }: DumpContext, name: string, dirs: Encodable<CgroupDirEntry>[]): void {
  const [top] = dirs;
  if (!freezer || !top || !hasController(name, 'freezer')) return;
  const value = freezer.wasFrozen ? 'FROZEN' : 'THAWED';
  dirs[0] = { ...top, properties: [...(top.properties ?? []), { name: 'freezer.state', value }] };
}

/** The root of the cgroup namespace of a set, in one hierarchy; undefined where that is the root of the hierarchy. */
function rootOf(ctx: DumpContext, { namespace }: CgroupSet, name: string): string | undefined {
  const root = namespace === undefined ? undefined : ctx.states.get(namespaceRoots).get(namespace)?.get(name);
  return root === '/' ? undefined : root;
}

/** The group from which on groups are kept: all of a namespace, as its tasks see them; else the one that threads are in. */
function topOf(ctx: DumpContext, set: CgroupSet, name: string, path: string): string {
  const root = rootOf(ctx, set, name);
  return root !== undefined && isBelow(path, root) ? root : path;
}

function memberOf(
  ctx: DumpContext,
  set: CgroupSet,
  { name, path }: CgroupSet['members'][number],
): Encodable<CgMemberEntry> {
  const root = rootOf(ctx, set, name);
  if (root === undefined) return { name, path };
  if (!isBelow(path, root))
    throw new CriuError(
      'NOT_DUMPABLE',
      `the cgroup ${path} of a task is outside of the root ${root} of its cgroup namespace`,
      { pid: ctx.root.pid },
      'images have no place for that: move the task below the root',
    );
  // Bytes, as the path is counted in them.
  return { name, path, cgns_prefix: encodeName(root).length };
}

function describeGroups(ctx: DumpContext): void {
  const known = ctx.states.get(controllers);
  if (!known) return;
  const sets = CgroupSets.of(ctx).foreign.map((set) => ({
    id: set.id,
    ctls: set.members.map((member) => memberOf(ctx, set, member)),
  }));
  ctx.images.add('CGROUP', { sets, controllers: known });
}

export const cgroupsDump: DumpPart<Map<number, number>> = {
  needs: [{ of: 'namespaces', why: 'the same groups in another cgroup namespace are another set' }],
  collect(ctx, task) {
    const sets = CgroupSets.of(ctx);
    return new Map(task.tids.map((tid) => [tid, sets.idOf(ctx, task, tid)]));
  },
  describe(_ctx, task, facts) {
    for (const [tid, set] of facts) task.threadCore(tid).cg_set = set;
  },
  beforeFreeze: readWishes,
  afterCollect: collectGroups,
  afterDescribe: describeGroups,
  inventory: () => ({ root_cg_set: OWN_SET }),
};
