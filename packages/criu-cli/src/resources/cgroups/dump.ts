// Control groups: which ones the threads are in, and how those are configured.
import type { CgControllerEntry, Encodable } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { stateKey } from '../../states.js';
import { Hierarchies, hasController } from './hierarchy.js';
import { type CgroupMode, modeOf } from './mode.js';
import { PropertyNames } from './properties.js';
import { type CgroupRoots, newRoot, parseRoots } from './roots.js';
import { CgroupSets, OWN_SET } from './sets.js';
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
    mode: modeOf(options.manageCgroups),
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
  const members = sets.foreign.flatMap((set) => set.members);
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
          .map(({ path }) => newRoot(roots, name) ?? path);
        const { dirs, threaded } = readGroups(hierarchies.get(name), new Set(paths), properties.of(name));
        return { cnames: name.split(','), dirs, is_threaded: threaded };
      }),
    );
  } finally {
    hierarchies.close();
  }
}

function describeGroups(ctx: DumpContext): void {
  const known = ctx.states.get(controllers);
  if (!known) return;
  const sets = CgroupSets.of(ctx).foreign.map(({ id, members }) => ({ id, ctls: members }));
  ctx.images.add('CGROUP', { sets, controllers: known });
}

export const cgroupsDump: DumpPart<Map<number, number>> = {
  collect(ctx, task) {
    const sets = CgroupSets.of(ctx);
    return new Map(task.tids.map((tid) => [tid, sets.idOf(tid)]));
  },
  describe(_ctx, task, facts) {
    for (const [tid, set] of facts) task.threadCore(tid).cg_set = set;
  },
  beforeFreeze: readWishes,
  afterCollect: collectGroups,
  afterDescribe: describeGroups,
  inventory: () => ({ root_cg_set: OWN_SET }),
};
