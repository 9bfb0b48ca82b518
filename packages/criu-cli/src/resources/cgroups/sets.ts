// Cgroup sets: the groups of a thread in all hierarchies. Most threads share a few sets.
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import { type CgroupEntry, parseCgroup, readCgroupText } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { namespacesOf } from '../../views/namespaces.js';

/** Id of the dumper's own set, which is not part of the images. */
export const OWN_SET = 1;

export interface CgroupSet {
  readonly id: number;
  /** Hierarchy and path of each group. */
  readonly members: readonly { readonly name: string; readonly path: string }[];
  /** Id of the cgroup namespace of its threads, if it is not the dumper's. */
  readonly namespace: number | undefined;
}

const cgroupSets = stateKey(
  'sets of cgroups',
  (ctx: DumpContext): CgroupSets => new CgroupSets(ctx.options.cgroupDumpControllers ?? []),
);

export class CgroupSets {
  private readonly byKey = new Map<string, CgroupSet>();
  /** Sets by the text of /proc/PID/cgroup, which most threads have in common. */
  private readonly byText = new Map<string, CgroupSet>();
  /** Hierarchies as the dumper sees them: controllers, or `name=…`; empty for the unified one. */
  readonly hierarchies: readonly string[];

  /** @param only controllers to be dumped; all if empty */
  constructor(private readonly only: readonly string[]) {
    const own = readCgroupText(process.pid);
    this.hierarchies = this.wanted(parseCgroup(own)).map(({ controllers }) => controllers);
    this.setOf(own, undefined);
  }

  static of(ctx: DumpContext): CgroupSets {
    return ctx.states.get(cgroupSets);
  }

  /** All sets except the dumper's own. */
  get foreign(): CgroupSet[] {
    return [...this.byKey.values()].filter(({ id }) => id !== OWN_SET);
  }

  /** Id of the set of a thread. */
  idOf(ctx: DumpContext, task: LiveTask, tid: number): number {
    const namespace = namespacesOf(ctx).of(task, 'cgroup');
    const id = namespace?.host ? undefined : namespace?.id;
    return this.setOf(readCgroupText(tid), id, `/proc/${tid}/cgroup`).id;
  }

  private setOf(
    text: ReturnType<typeof readCgroupText>,
    namespace: number | undefined,
    file?: string,
  ): CgroupSet {
    const inNamespace = namespace === undefined ? text : `${namespace} ${text}`;
    let set = this.byText.get(inNamespace);
    if (set === undefined) {
      const members = this.wanted(parseCgroup(text, file))
        .map(({ controllers, path }) => ({ name: controllers, path }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const key = JSON.stringify([namespace, members]);
      set = this.byKey.get(key) ?? { id: this.byKey.size + 1, members, namespace };
      this.byKey.set(key, set);
      this.byText.set(inNamespace, set);
    }
    return set;
  }

  private wanted(entries: readonly CgroupEntry[]): readonly CgroupEntry[] {
    return this.only.length === 0
      ? entries
      : entries.filter((entry) => this.only.includes(entry.controllers));
  }
}
