// Pages into the memory of a task that is being restored: its own agent reads them from the files that have them.
// docs/memory.md has the measurements behind each number.
import type { PagesPart, Program } from '@criu/compel';
import {
  common,
  covers,
  cutRange,
  pieces,
  type Range,
  sizeOf,
  touches,
  union,
  within,
  without,
} from '../ranges.js';
import { cutStored, joinStored, type StoredRange } from '../sources/source.js';

/** One system call moves less than 2 GiB. */
export const TRANSFER_LIMIT = 1 << 30;
const IOV_MAX = 1024;

/** Runs of anonymous memory from this size on are made first and then filled, piece by piece. */
const LARGE = 1 << 20;
const PIECE = 4 << 20;
/** The same of huge pages: one reads while another one has the kernel make them. */
const HUGE_PIECE = 16 << 20;
/** Memory that is filled by several, and how many help at most; the task's processors are another limit. */
const SHARED_WORK = 32 << 20;
const HELPERS = 3;
/** Bytes of a huge page. */
const HUGE = 2n << 20n;
/** Parts of one step: the list of a program has room for them. */
const MOST_PARTS = 1600;

export interface MemoryFill {
  /** The program to add to; it may be another one each time. */
  program(): Program;
  /** Number of the descriptor that the task has of a file. */
  fdOf(file: string): number;
  /** Mappings of private anonymous memory. */
  readonly anonymous: readonly Range[];
  /** Those of them that may have huge pages: none of them goes beyond one of these. */
  readonly huge: readonly Range[];
}

const pagesAt = (start: bigint | number) => `pages at 0x${start.toString(16)}`;

/**
 * The memory that will have huge pages: whole ones, all of whose pages come from the images, so that it takes no more room
 * than it had.
 */
export function hugeRanges(ranges: readonly Range[], mappings: readonly Range[]): Range[] {
  const large = ({ start, end }: Range) => end - start >= HUGE;
  const all = union(ranges).filter(large);
  if (all.length === 0) return [];
  return mappings.filter(large).flatMap((mapping) =>
    within(all, mapping, cutRange).flatMap(({ start, end }) => {
      const first = ((start + HUGE - 1n) / HUGE) * HUGE;
      const last = (end / HUGE) * HUGE;
      return first < last ? [{ start: first, end: last }] : [];
    }),
  );
}

/**
 * Adds what reads the pages. Large runs of anonymous memory get their pages before, huge ones where they can: a fault for
 * each of them takes longer than the copy. All others are read as they follow one another in the file.
 */
export function readIntoMemory(fill: MemoryFill, stored: readonly StoredRange[]): void {
  const ranges = joinStored(stored);
  const huge = hugeRanges(ranges, fill.huge);
  const mappings = fill.huge.filter((mapping) => touches(huge, mapping));
  const whole = ranges.flatMap((range) => (touches(huge, range) ? hugeRanges([range], mappings) : []));
  const rest = without(huge, whole, cutRange);
  const large: PagesPart[] = [];
  const small: StoredRange[] = [];
  for (const range of ranges) {
    if (sizeOf(range) < LARGE || !(touches(huge, range) || covers(fill.anonymous, range))) {
      small.push(range);
      continue;
    }
    const fd = fill.fdOf(range.file);
    const add = (parts: readonly StoredRange[], bytes: number, how: PagesPart['how']) => {
      for (const part of parts)
        for (const { start, end, offset } of pieces(part, bytes, cutStored))
          large.push({ start, end, offset, fd, how });
    };
    add(common([range], whole, cutStored), HUGE_PIECE, 'huge');
    add(without([range], whole, cutStored), PIECE, 'populate');
  }
  // Those whose contents come from several places have to be huge before the first one is read.
  work(
    fill,
    rest.map((range) => ({ ...range, how: 'collapse' })),
  );
  readSmall(fill, small);
  work(fill, large);
}

function work(
  fill: Pick<MemoryFill, 'program'>,
  parts: readonly PagesPart[],
  what: 'shared ' | '' = '',
): void {
  const bytes = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  for (let i = 0; i < parts.length; i += MOST_PARTS) {
    const some = parts.slice(i, i + MOST_PARTS);
    const label = `${what}${pagesAt(some[0]?.start ?? 0)}`;
    fill.program().pages(some, bytes >= SHARED_WORK ? HELPERS : 0, { label });
  }
}

/** Runs that follow one another in the file, read by one preadv(2) of up to IOV_MAX parts. */
function readSmall(fill: MemoryFill, ranges: readonly StoredRange[]): void {
  let i = 0;
  for (let first = ranges[i]; first; first = ranges[i]) {
    const words = new BigUint64Array(Math.min(IOV_MAX, ranges.length - i) * 2);
    let count = 0;
    let total = 0;
    for (let r = ranges[i]; r && count < IOV_MAX; r = ranges[i]) {
      const size = sizeOf(r);
      if (r.file !== first.file || r.offset !== first.offset + total || total + size > TRANSFER_LIMIT) break;
      words[count * 2] = r.start;
      words[count * 2 + 1] = r.end - r.start;
      total += size;
      count++;
      i++;
    }
    if (count === 0) {
      for (const piece of pieces(first, TRANSFER_LIMIT, cutStored)) read(fill, piece);
      i++;
      continue;
    }
    const p = fill.program();
    const list = p.data(Buffer.from(words.buffer, 0, count * 16));
    p.syscall('preadv', [fill.fdOf(first.file), list, count, first.offset], {
      expect: total,
      label: pagesAt(first.start),
    });
  }
}

function read(fill: MemoryFill, range: StoredRange): void {
  const { file, start, offset } = range;
  fill.program().full('pread64', [fill.fdOf(file), start, sizeOf(range), offset], {
    expect: sizeOf(range),
    label: pagesAt(start),
  });
}

/** Copies runs of a shared memory object's pages to where they belong in its file: from page cache to page cache. */
export function readIntoFile(
  fill: Pick<MemoryFill, 'program' | 'fdOf'>,
  ranges: readonly StoredRange[],
  target: number,
): void {
  const parts = ranges.flatMap((range) =>
    [...pieces(range, PIECE, cutStored)].map(({ file, start, end, offset }): PagesPart => {
      return { start, end, offset, fd: fill.fdOf(file), target, how: 'file' };
    }),
  );
  work(fill, parts, 'shared ');
}
