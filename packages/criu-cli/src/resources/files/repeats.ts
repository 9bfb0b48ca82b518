// Open files that say nothing but what others say, under numbers of their own: a plan for one of them tells what plans for all of
// them would. The guard of a dump leaves the others out: thousands of pipes are as many times the same pipe.
import type { DumpContext } from '../../engine/dump-context.js';
import { stateKey } from '../../states.js';

/** Files that are made together: all that are noted under one key. */
interface Group {
  readonly ids: number[];
  readonly sorts: string[];
  /** How many there have to be. */
  readonly size: number;
  /** Descriptor tables that they are in. */
  readonly tables: Set<number>;
  /** Something else refers to one of them, so that it has to be there. */
  kept: boolean;
}

/** What is left out. */
export interface LeftOut {
  readonly files: ReadonlySet<number>;
  readonly keys: ReadonlySet<string>;
}

class Repeats {
  private readonly groups = new Map<string, Group>();
  private readonly byId = new Map<number, Group>();
  /** Tables of which all has to be there: what tasks share is planned with a number for each. */
  private readonly whole = new Set<number>();
  /** Descriptors that something refers to by their numbers, by table. */
  private readonly named = new Map<number, Set<number>>();

  /**
   * Says that a file has nothing of its own but its numbers. One of which it is not said is planned for itself.
   * @param table the descriptor table that it is in
   * @param sort all that a plan for it depends on
   * @param key files that are made together have the same
   * @param size how many there are of those
   */
  note(id: number, table: number, sort: string, key = `file ${id}`, size = 1): void {
    let group = this.groups.get(key);
    if (!group) {
      group = { ids: [], sorts: [], size, tables: new Set(), kept: false };
      this.groups.set(key, group);
    }
    group.ids.push(id);
    group.sorts.push(`${table} ${sort}`);
    group.tables.add(table);
    this.byId.set(id, group);
  }

  /** More than one descriptor leads to a file, or something else that is in the images. */
  keep(id: number): void {
    const group = this.byId.get(id);
    if (group) group.kept = true;
  }

  keepTable(table: number): void {
    this.whole.add(table);
  }

  /** The same of what is behind a descriptor. */
  keepDescriptor(table: number, fd: number): void {
    const fds = this.named.get(table);
    if (fds) fds.add(fd);
    else this.named.set(table, new Set([fd]));
  }

  /** Once all descriptors of a table are known. */
  settleTable(table: number, descriptors: Iterable<{ readonly id: number; readonly fd: number }>): void {
    const named = this.named.get(table);
    if (!named) return;
    for (const { id, fd } of descriptors) if (named.has(fd)) this.keep(id);
  }

  /** All but one group of each sort. */
  get leftOut(): LeftOut {
    const files = new Set<number>();
    const keys = new Set<string>();
    const met = new Set<string>();
    for (const [key, { ids, sorts, size, tables, kept }] of this.groups) {
      if (kept || ids.length !== size) continue;
      let whole = false;
      for (const table of tables) whole ||= this.whole.has(table);
      if (whole) continue;
      const sort = sorts.length === 1 ? (sorts[0] ?? '') : sorts.sort().join('\n');
      if (!met.has(sort)) {
        met.add(sort);
        continue;
      }
      keys.add(key);
      for (const id of ids) files.add(id);
    }
    return { files, keys };
  }
}

const repeats = stateKey('files that say what others say', (_: DumpContext) => new Repeats());

export function repeatsOf(ctx: DumpContext): Repeats {
  return ctx.states.get(repeats);
}
