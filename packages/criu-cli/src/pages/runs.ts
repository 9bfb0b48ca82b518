// Runs of pages on their way into images: which there are, and which of them the images of this dump will hold.
import type { PagemapEntry } from '@criu/images';
import { PagemapFlags } from '@criu/images';
import type { WhichMemory } from '../images/memory.js';

const PAGE = 4096n;

export interface PageRun {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
}

/** Runs of one memory in the order of their addresses. */
export interface PageRuns {
  readonly entries: PagemapEntry[];
  /** Pairs of address and length in bytes of those that this dump's images hold, in the order of the pages image. */
  readonly ranges: BigUint64Array;
  /** Bytes of these. */
  readonly bytes: number;
  /** Where the kernel does not note changes: none of it is left to the parent. */
  readonly unnoticed?: readonly { readonly start: bigint; readonly end: bigint }[];
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
  /** The task runs meanwhile: pages may be gone before they are read, and are of no use then. */
  readonly running?: boolean;
}

/** Pairs of address and length as whoever has the pages knows them. */
export function sourceRanges({ base = 0n }: PageJob, ranges: BigUint64Array): BigUint64Array {
  return base ? ranges.map((word, i) => (i % 2 === 0 ? word + base : word)) : ranges;
}

/** Neighbours of the same kind become one run, across mappings too. */
export function joined(runs: Iterable<PageRun>): PageRuns {
  const entries: PagemapEntry[] = [];
  let end = -1n;
  let total = 0n;
  for (const run of runs) {
    const last = entries.at(-1);
    const pages = (run.end - run.start) / PAGE;
    if (run.flags & PagemapFlags.PRESENT) total += pages;
    if (last && end === run.start && last.flags === run.flags) last.nr_pages = last.nr_pages! + pages;
    else entries.push({ vaddr: run.start, compat_nr_pages: 0, flags: run.flags, nr_pages: pages });
    end = run.end;
  }
  const held = entries.filter((entry) => entry.flags! & PagemapFlags.PRESENT);
  const ranges = new BigUint64Array(held.length * 2);
  held.forEach((entry, i) => {
    ranges[i * 2] = entry.vaddr;
    ranges[i * 2 + 1] = entry.nr_pages! * PAGE;
  });
  return { entries, ranges, bytes: Number(total * PAGE) };
}
