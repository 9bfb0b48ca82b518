// Control groups: which set of groups each thread is in. Groups other than the dumper's own are described by path.
import type { CgControllerEntry, CgMemberEntry, Encodable } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import { dumpModule, type TreeDump } from '../../engine/dump-module.js';
import { type CgroupEntry, parseCgroup, readCgroupText } from '../../proc/index.js';

interface Sets {
  readonly ids: Map<string, number>;
  /** The same by what the kernel says of a thread: mostly the same for all. */
  readonly texts: Map<string, number>;
  readonly members: Encodable<CgMemberEntry>[][];
}

const states = new WeakMap<DumpContext, Sets>();

/** Name as images have it: controllers, or `name=…`; the unified hierarchy has none. */
function memberOf(entry: CgroupEntry): Encodable<CgMemberEntry> {
  return { name: entry.controllers, path: entry.path };
}

function setsOf(ctx: DumpContext): Sets {
  let sets = states.get(ctx);
  if (!sets) {
    sets = { ids: new Map(), texts: new Map(), members: [] };
    states.set(ctx, sets);
    // The dumper's own set is the first one, so that tasks in it need no cgroup image.
    setOf(sets, globalThis.process.pid);
  }
  return sets;
}

function idOf(sets: Sets, entries: CgroupEntry[]): number {
  const members = entries.map(memberOf).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const key = JSON.stringify(members);
  let id = sets.ids.get(key);
  if (id === undefined) {
    sets.members.push(members);
    id = sets.members.length;
    sets.ids.set(key, id);
  }
  return id;
}

/** Set that a thread is in. */
function setOf(sets: Sets, tid: number): number {
  const text = readCgroupText(tid);
  let id = sets.texts.get(text);
  if (id === undefined) {
    id = idOf(sets, parseCgroup(text, `/proc/${tid}/cgroup`));
    sets.texts.set(text, id);
  }
  return id;
}

/** Set of the dumper, as the inventory names it. */
function ownSet(ctx: DumpContext): number {
  setsOf(ctx);
  return 1;
}

/**
 * Writes the sets other than the dumper's, and their folders without properties: restore makes those that are missing
 * and leaves the others as they are.
 */
function finishCgroups(ctx: DumpContext): void {
  const foreign = setsOf(ctx).members.slice(1);
  if (foreign.length === 0) return;
  const controllers = new Map<string, Set<string>>();
  for (const set of foreign)
    for (const { name, path } of set) {
      const paths = controllers.get(name) ?? new Set<string>();
      controllers.set(name, paths.add(path.replace(/^\/+/, '')));
    }
  ctx.images.add('CGROUP', {
    // The dumper's own set is number 1.
    sets: foreign.map((ctls, i) => ({ id: i + 2, ctls })),
    controllers: [...controllers].map(
      ([name, paths]): Encodable<CgControllerEntry> => ({
        cnames: name.split(','),
        dirs: [...paths].map((dir_name) => ({ dir_name })),
      }),
    ),
  });
}

export const cgroups = dumpModule<Map<number, number>>({
  name: 'cgroups',
  collect(ctx, task) {
    const sets = setsOf(ctx);
    return new Map(task.tids.map((tid) => [tid, setOf(sets, tid)]));
  },
  describe(_ctx, task, facts) {
    for (const [tid, set] of facts) task.threadCore(tid).cg_set = set;
  },
});

export const cgroupTree: TreeDump = {
  name: 'cgroups',
  afterDescribe: finishCgroups,
  inventory: (ctx) => ({ root_cg_set: ownSet(ctx) }),
};
