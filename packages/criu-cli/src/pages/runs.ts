// Runs of pages on their way into images: which there are, and which of them the images of this dump will hold.
import { type PagemapColumns, PagemapFlags } from '@criu/images';
import type { WhichMemory } from '../images/memory.js';
import type { Range } from './ranges.js';

export interface PageRun extends Range {
  /** Of the entry in the pagemap. */
  readonly flags: number;
}

/** What is known of some of the pages, beside that they are there. */
export interface RunNotes {
  /** Where the kernel does not note changes: none of it is left to the parent. */
  readonly unnoticed?: readonly Range[];
  /** Mappings in which a tracker has the kernel note changes. */
  readonly tracked?: readonly Range[];
  /** What a fork of the task would not have, or not as it is. */
  readonly unheld?: readonly Range[];
}

/**
 * Runs of one memory in the order of their addresses. They are kept in columns, as there can be as many as pages; as objects they
 * are only made for whoever looks at each of them.
 */
export class PageRuns {
  private list: readonly PageRun[] | undefined;

  constructor(
    readonly columns: PagemapColumns,
    readonly notes: RunNotes = {},
  ) {}

  /** The same one by one. */
  get pages(): readonly PageRun[] {
    this.list ??= this.with(() => true);
    return this.list;
  }

  /** Those whose flags are as wanted. */
  with(wanted: (flags: number) => boolean): PageRun[] {
    const { starts, ends, flags } = this.columns;
    const out: PageRun[] = [];
    for (let i = 0; i < flags.length; i++) {
      const [start = 0, end = 0, flag = 0] = [starts[i], ends[i], flags[i]];
      if (wanted(flag)) out.push({ start: BigInt(start), end: BigInt(end), flags: flag });
    }
    return out;
  }

  /** Pairs of address and length in bytes of those that this dump's images hold, in the order of the pages image. */
  get ranges(): BigUint64Array {
    const { starts, ends, flags } = this.columns;
    const out = new BigUint64Array(this.held * 2);
    const words = new Uint32Array(out.buffer);
    let at = 0;
    const put = (value: number) => {
      words[at++] = value % HALF;
      words[at++] = value / HALF;
    };
    for (let i = 0; i < flags.length; i++) {
      const [start = 0, end = 0, flag = 0] = [starts[i], ends[i], flags[i]];
      if (!(flag & PagemapFlags.PRESENT)) continue;
      put(start);
      put(end - start);
    }
    return out;
  }

  private get held(): number {
    return this.columns.flags.reduce((sum, flag) => sum + (flag & PagemapFlags.PRESENT ? 1 : 0), 0);
  }

  /** Bytes of these. */
  get bytes(): number {
    const { starts, ends, flags } = this.columns;
    let sum = 0;
    for (let i = 0; i < flags.length; i++)
      if ((flags[i] ?? 0) & PagemapFlags.PRESENT) sum += (ends[i] ?? 0) - (starts[i] ?? 0);
    return sum;
  }
}

/** A word of 64 bits has two halves. */
const HALF = 0x1_0000_0000;

/** Gathers runs in any order; neighbours of the same kind become one, across mappings too. */
export class RunBuilder {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly flags: number[] = [];
  private inOrder = true;

  /** Addresses are of pages: a double holds them exactly. */
  add(start: number, end: number, flags: number): void {
    const last = this.starts.length - 1;
    if (last >= 0 && this.ends[last] === start && this.flags[last] === flags) {
      this.ends[last] = end;
      return;
    }
    if (last >= 0 && start < (this.starts[last] ?? 0)) this.inOrder = false;
    this.starts.push(start);
    this.ends.push(end);
    this.flags.push(flags);
  }

  build(notes?: RunNotes): PageRuns {
    const { starts, ends, flags } = this;
    if (!this.inOrder) {
      const order = starts.map((_, i) => i).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
      const sorted = new RunBuilder();
      for (const i of order) sorted.add(starts[i] ?? 0, ends[i] ?? 0, flags[i] ?? 0);
      return sorted.build(notes);
    }
    const columns = {
      starts: Float64Array.from(starts),
      ends: Float64Array.from(ends),
      flags: Uint8Array.from(flags),
    };
    return new PageRuns(columns, notes);
  }
}

/** Pages of a task, or of a shared memory object, that are to be kept. */
export interface PageJob {
  readonly which: WhichMemory;
  /** The task that has them; 0 for pages of a file. */
  readonly pid: number;
  /** Where a task has the start of a shared memory object whose pages are taken from there. */
  readonly base?: bigint;
  /** The file that has them, closed when the work is done; -1 for pages of a task. */
  readonly fd: number;
  readonly runs: PageRuns;
  /** What was looked at while the task stood still for changes since the parent's dump, and what of it has none. */
  readonly looked?: readonly Range[];
  readonly unchanged?: readonly Range[];
  /** The task runs meanwhile: pages may be gone before they are read, and are of no use then. */
  readonly running?: boolean;
}

/** Pairs of address and length as whoever has the pages knows them. */
export function sourceRanges({ base = 0n }: PageJob, ranges: BigUint64Array): BigUint64Array {
  return base ? ranges.map((word, i) => (i % 2 === 0 ? word + base : word)) : ranges;
}

/** The same of runs that are there one by one. */
export function joined(runs: Iterable<PageRun>, notes?: RunNotes): PageRuns {
  const builder = new RunBuilder();
  for (const { start, end, flags } of runs) builder.add(Number(start), Number(end), flags);
  return builder.build(notes);
}
