// Open files that are equal to others except for their ids: a plan for one of them shows the same as plans for all. The
// guard of a dump leaves the others out, since thousands of equal pipes need to be planned only once.
import type { DumpContext } from '../../engine/dump-context.js';
import { stateKey } from '../../states.js';

/** Files that are created together: all that were noted under one key. */
interface Group {
  readonly ids: number[];
  readonly sorts: string[];
  /** Number of files that belong to the group. */
  readonly size: number;
  /** Ids of the descriptor tables in which they are. */
  readonly tables: Set<number>;
  /** Something else refers to one of the files, so the group cannot be left out. */
  kept: boolean;
}

/** Files that are created alone and have the same sort. */
interface Alike {
  readonly table: number;
  readonly ids: number[];
}

/** The files that are left out. */
export interface LeftOut {
  readonly files: ReadonlySet<number>;
  readonly keys: ReadonlySet<string>;
}

class Repeats {
  /** Of files that are created together, by their key. Most files are none, and need no group of their own. */
  private readonly groups = new Map<string, Group>();
  private readonly alone = new Map<string, Alike>();
  /** Files that are created alone to which something else refers. */
  private readonly kept = new Set<number>();
  private readonly byId = new Map<number, Group>();
  /** Tables that have to be complete, since plans for shared files need every descriptor. */
  private readonly whole = new Set<number>();
  /** Descriptors to which something refers by number, by table. */
  private readonly named = new Map<number, Set<number>>();

  /**
   * Notes that a file is characterised by `sort`, apart from its ids. A file that is not noted is always planned.
   * @param table id of its descriptor table
   * @param sort everything else that a plan for it depends on
   * @param key common to files that are created together; undefined for a file that is created alone
   * @param size number of files with that key
   */
  note(id: number, table: number, sort: string, key?: string, size = 1): void {
    if (key === undefined) {
      this.noteAlone(id, table, sort);
      return;
    }
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

  private noteAlone(id: number, table: number, sort: string): void {
    const whole = `${table} ${sort}`;
    const alike = this.alone.get(whole);
    if (alike) alike.ids.push(id);
    else this.alone.set(whole, { table, ids: [id] });
  }

  /** Excludes a file from being left out: several descriptors or another image entry refer to it. */
  keep(id: number): void {
    const group = this.byId.get(id);
    if (group) group.kept = true;
    else this.kept.add(id);
  }

  keepTable(table: number): void {
    this.whole.add(table);
  }

  /** The same for the file of a descriptor. */
  keepDescriptor(table: number, fd: number): void {
    const fds = this.named.get(table);
    if (fds) fds.add(fd);
    else this.named.set(table, new Set([fd]));
  }

  /** Called when all descriptors of a table are known. */
  settleTable(table: number, descriptors: Iterable<{ readonly id: number; readonly fd: number }>): void {
    const named = this.named.get(table);
    if (!named) return;
    for (const { id, fd } of descriptors) if (named.has(fd)) this.keep(id);
  }

  /** All files, and groups of them, but one of each sort. */
  get leftOut(): LeftOut {
    const files = new Set<number>();
    for (const { table, ids } of this.alone.values()) {
      if (this.whole.has(table)) continue;
      const spared = ids.filter((id) => !this.kept.has(id));
      for (let i = 1; i < spared.length; i++) files.add(spared[i] ?? 0);
    }
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
