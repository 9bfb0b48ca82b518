// Ranges of pages with the location of their bytes in the chain of parents. Works on runs, not on single pages.
import { ImageError } from './errors.js';
import { PAGE_SIZE } from './page.js';
import { PagemapFlags } from './pagemap.js';
import type { PageMemory } from './pages.js';

/** Above every address. */
const EVERYWHERE = 1n << 64n;

/** Pages that are contiguous in memory and in one pages image. */
export interface Segment {
  readonly start: bigint;
  readonly end: bigint;
  /**
   * The memory whose pages image has the bytes; undefined if the pages are to be fetched later and no checkpoint has
   * them.
   */
  readonly source: PageMemory | undefined;
  /** Offset of the first byte in that pages image. */
  readonly offset: number;
}

/**
 * The pages of a memory between two addresses, in order, without pages that are in no pagemap.
 * @throws ImageError `unresolved` if pages should be in a parent that does not have them
 */
export function* segments(
  memory: PageMemory,
  from = 0n,
  to = EVERYWHERE,
): Generator<Segment, void, undefined> {
  let at = from;
  let index = memory.indexFrom(from);
  for (let run = memory.runs[index]; run; run = memory.runs[++index]) {
    if (run.start >= to) return;
    // Overlapping runs are an error in the image; the first one is used.
    let { start } = run;
    if (start < at) start = at;
    const end = run.end < to ? run.end : to;
    if (start >= end) continue;
    at = end;
    if (run.page !== undefined) {
      const offset = run.page * PAGE_SIZE + Number(start - run.start);
      yield { start, end, source: memory, offset };
    } else if (run.flags & PagemapFlags.PARENT) yield* inParent(memory, start, end);
    else yield { start, end, source: undefined, offset: 0 };
  }
}

function* inParent(memory: PageMemory, start: bigint, end: bigint): Generator<Segment, void, undefined> {
  let at = start;
  const parent = memory.parent();
  if (parent !== undefined) {
    for (const segment of segments(parent, start, end)) {
      if (segment.start !== at) break;
      yield segment;
      at = segment.end;
    }
  }
  if (at < end) {
    const reason = `page 0x${at.toString(16)} should be in the parent checkpoint and is not`;
    throw new ImageError('unresolved', reason, memory.mapFile);
  }
}
