// Sets of control groups: which group a thread is in, in every hierarchy. Threads mostly share a few sets.
import type { CgMemberEntry, Encodable } from '@criu/images';
import type { DumpContext } from '../../engine/dump-context.js';
import { type CgroupEntry, parseCgroup, readCgroupText } from '../../proc/index.js';
import { stateKey } from '../../states.js';

/** The dumper's own set is the first one, and in no image. */
export const OWN_SET = 1;

export interface CgroupSet {
  readonly id: number;
  readonly members: readonly Encodable<CgMemberEntry>[];
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
    this.setOf(own);
  }

  static of(ctx: DumpContext): CgroupSets {
    return ctx.states.get(cgroupSets);
  }

  /** Those other than the dumper's own. */
  get foreign(): CgroupSet[] {
    return [...this.byKey.values()].filter(({ id }) => id !== OWN_SET);
  }

  /** Number of the set that a thread is in. */
  idOf(tid: number): number {
    return this.setOf(readCgroupText(tid), `/proc/${tid}/cgroup`).id;
  }

  private setOf(text: ReturnType<typeof readCgroupText>, file?: string): CgroupSet {
    let set = this.byText.get(text);
    if (set === undefined) {
      const members = this.wanted(parseCgroup(text, file))
        .map(({ controllers, path }) => ({ name: controllers, path }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const key = JSON.stringify(members);
      set = this.byKey.get(key) ?? { id: this.byKey.size + 1, members };
      this.byKey.set(key, set);
      this.byText.set(text, set);
    }
    return set;
  }

  private wanted(entries: readonly CgroupEntry[]): readonly CgroupEntry[] {
    return this.only.length === 0
      ? entries
      : entries.filter((entry) => this.only.includes(entry.controllers));
  }
}
