// Runs of pages on their way into images: which there are, and which of them the images of this dump will hold.
import type { PagemapEntry } from '@criu/images';
import { PAGE, PagemapFlags } from '@criu/images';
import type { WhichMemory } from '../images/memory.js';
import { type Range, totalOf } from './ranges.js';

export interface PageRun extends Range {
  /** Of the entry in the pagemap. */
  readonly flags: number;
}

/** Runs of one memory in the order of their addresses. */
export interface PageRuns {
  readonly entries: PagemapEntry[];
  /** The same as ranges. */
  readonly pages: readonly PageRun[];
  /** Pairs of address and length in bytes of those that this dump's images hold, in the order of the pages image. */
  readonly ranges: BigUint64Array;
  /** Bytes of these. */
  readonly bytes: number;
  /** Where the kernel does not note changes: none of it is left to the parent. */
  readonly unnoticed?: readonly Range[];
  /** Mappings in which a tracker has the kernel note changes. */
  readonly tracked?: readonly Range[];
  /** What a fork of the task would not have, or not as it is. */
  readonly unheld?: readonly Range[];
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

/** Neighbours of the same kind become one run, across mappings too. */
export function joined(runs: Iterable<PageRun>): PageRuns {
  const pages: { start: bigint; end: bigint; flags: number }[] = [];
  for (const { start, end, flags } of runs) {
    const last = pages.at(-1);
    if (last && last.end === start && last.flags === flags) last.end = end;
    else pages.push({ start, end, flags });
  }
  const held = pages.filter(({ flags }) => flags & PagemapFlags.PRESENT);
  const ranges = new BigUint64Array(held.length * 2);
  held.forEach(({ start, end }, i) => {
    ranges[i * 2] = start;
    ranges[i * 2 + 1] = end - start;
  });
  return {
    entries: pages.map(({ start, end, flags }) => ({
      vaddr: start,
      compat_nr_pages: 0,
      flags,
      nr_pages: (end - start) / PAGE,
      compressed_size: [],
    })),
    pages,
    ranges,
    bytes: totalOf(held),
  };
}
