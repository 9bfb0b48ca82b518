// Dumps control groups: the groups of all threads, and their configuration.
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

interface CgroupOptions {
  readonly mode: CgroupMode;
  readonly properties: PropertyNames;
  readonly roots: CgroupRoots;
}

const cgroupOptions = stateKey(
  'options about cgroups',
  (_: DumpContext): CgroupOptions | undefined => undefined,
);
const controllers = stateKey(
  'controllers',
  (_: DumpContext): Encodable<CgControllerEntry>[] | undefined => undefined,
);

/** Parses the options before anything is stopped, so that mistakes are found early. */
async function readOptions(ctx: DumpContext): Promise<void> {
  const { options } = ctx;
  const properties = new PropertyNames();
  if (options.cgroupProps !== undefined) await properties.add(options.cgroupProps, '--cgroup-props');
  if (options.cgroupPropsFile !== undefined) await properties.addFile(options.cgroupPropsFile);
  ctx.states.set(cgroupOptions, {
    mode: modeOf(options),
    properties,
    roots: parseRoots(options.cgroupRoots ?? []),
  });
}

/** Reads the groups of the stopped tasks. If all tasks are in the dumper's own groups there is nothing to read. */
function collectGroups(ctx: DumpContext): void {
  const asked = ctx.states.get(cgroupOptions);
  if (!asked) throw new CriuError('INTERNAL', 'the options about cgroups were not read before the freeze');
  const { mode, properties, roots } = asked;
  const sets = CgroupSets.of(ctx);
  if (sets.foreign.length === 0) return;
  // Of named hierarchies, which come last, only those of tasks are listed, so all of them are dumped.
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
 * With `--freeze-cgroup`, a restore freezes tasks of a frozen group again. For cgroup v2, the images have the state
 * during the dump, as in CRIU: engines freeze a container to checkpoint it, and expect the restored one to run.
 */
function noteFreezer({ freezer }: DumpContext, name: string, dirs: Encodable<CgroupDirEntry>[]): void {
  const [top] = dirs;
  if (!freezer || !top || !hasController(name, 'freezer')) return;
  const value = freezer.wasFrozen ? 'FROZEN' : 'THAWED';
  dirs[0] = { ...top, properties: [...(top.properties ?? []), { name: 'freezer.state', value }] };
}

/** Root of a set's cgroup namespace in one hierarchy; undefined if that is the root of the hierarchy. */
function rootOf(ctx: DumpContext, { namespace }: CgroupSet, name: string): string | undefined {
  const root = namespace === undefined ? undefined : ctx.states.get(namespaceRoots).get(namespace)?.get(name);
  return root === '/' ? undefined : root;
}

/**
 * The topmost group to dump: the root of the cgroup namespace, so that all groups its tasks see are dumped; otherwise
 * the group of the threads.
 */
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
  // The prefix is counted in bytes.
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
  beforeFreeze: readOptions,
  afterCollect: collectGroups,
  afterDescribe: describeGroups,
  inventory: () => ({ root_cg_set: OWN_SET }),
};
