// Sets of control groups: which group a thread is in, in every hierarchy. Threads mostly share a few sets.
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { type CgroupEntry, parseCgroup, readCgroupText } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { namespacesOf } from '../../views/namespaces.js';

/** The dumper's own set is the first one, and in no image. */
export const OWN_SET = 1;

export interface CgroupSet {
  readonly id: number;
  /** Hierarchy and path of each group. */
  readonly members: readonly { readonly name: string; readonly path: string }[];
  /** Number of the cgroup namespace of its threads, where that is not the dumper's. */
  readonly namespace: number | undefined;
}

const cgroupSets = stateKey(
  'sets of cgroups',
  (ctx: DumpContext): CgroupSets => new CgroupSets(ctx.options.cgroupDumpControllers ?? []),
);

export class CgroupSets {
  private readonly byKey = new Map<string, CgroupSet>();
  /** The same by what the kernel says of a thread: mostly the same for all. */
  private readonly byText = new Map<string, CgroupSet>();
  /** Hierarchies as the dumper sees them: controllers, or `name=…`; the unified one has no name. */
  readonly hierarchies: readonly string[];

  /** @param only controllers that are wanted; all if it is empty */
  constructor(private readonly only: readonly string[]) {
    const own = readCgroupText(process.pid);
    this.hierarchies = this.wanted(parseCgroup(own)).map(({ controllers }) => controllers);
    this.setOf(own, undefined);
  }

  static of(ctx: DumpContext): CgroupSets {
    return ctx.states.get(cgroupSets);
  }

  /** Those other than the dumper's own. */
  get foreign(): CgroupSet[] {
    return [...this.byKey.values()].filter(({ id }) => id !== OWN_SET);
  }

  /** Number of the set that a thread of a task is in. */
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
