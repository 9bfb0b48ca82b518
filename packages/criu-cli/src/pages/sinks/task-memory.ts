// Restores pages into the memory of a task: its agent reads them from the pages images. docs/memory.md has the
// measurements behind the constants.
import type { LateRef, PagesPart, Program } from '@criu/compel';
import { IOV_MAX } from '@criu/native/uapi';
import {
  common,
  covers,
  cutRange,
  extents,
  pieces,
  type Range,
  sizeOf,
  totalOf,
  touches,
  within,
  without,
} from '../ranges.js';
import { cutStored, joinStored, type StoredRange } from '../sources/source.js';

/** Bytes per system call; Linux transfers less than 2 GiB at a time. */
export const TRANSFER_LIMIT = 1 << 30;

/** Anonymous memory: runs of at least this many bytes are populated first and then filled, piece by piece. */
export const LARGE = 1 << 20;
const PIECE = 4 << 20;
/** Piece size in bytes for huge pages: one thread reads while another has the kernel allocate. */
const HUGE_PIECE = 16 << 20;
/**
 * Bytes from which memory is filled by several threads, and the most helper threads; the CPUs of the task are another
 * limit.
 */
const SHARED_WORK = 32 << 20;
const HELPERS = 3;
/** Bytes of a huge page. */
const HUGE = 2n << 20n;
/** Parts of one step, limited by the size of a program's list. */
const MOST_PARTS = 1600;
/** Entries of struct iovec in one step and in one part. Small parts keep the helpers evenly busy. */
const MOST_VECTORS = 4096;
const GROUP_VECTORS = 256;

export interface MemoryFill {
  /** Returns the program to add calls to, which may differ from call to call. */
  program(): Program;
  /** Descriptor number of a pages image in the task. */
  fdOf(file: string): number;
  /** Mappings of private anonymous memory. Only used for ranges of at least LARGE bytes. */
  readonly anonymous: readonly Range[];
  /** None if no memory may have huge pages. */
  readonly huge?: HugeFill;
}

export interface HugeFill {
  /** Parts of `anonymous`. No huge page extends beyond one of these mappings. */
  readonly mappings: readonly Range[];
  /** 1 if huge pages are made on this machine, else 0. */
  readonly made: LateRef;
}

const pagesAt = (start: bigint | number) => `pages at 0x${start.toString(16)}`;

/**
 * The ranges that will get huge pages: only whole huge pages whose pages all come from the images, so that the task
 * does not take more memory than before.
 */
export function hugeRanges(ranges: readonly Range[], mappings: readonly Range[]): Range[] {
  const all = extents(ranges, HUGE);
  if (all.length === 0) return [];
  return mappings
    .filter((mapping) => mapping.end - mapping.start >= HUGE)
    .flatMap((mapping) =>
      within(all, mapping, cutRange).flatMap(({ start, end }) => {
        const first = ((start + HUGE - 1n) / HUGE) * HUGE;
        const last = (end / HUGE) * HUGE;
        return first < last ? [{ start: first, end: last }] : [];
      }),
    );
}

/**
 * Adds the calls that read pages. Large runs of anonymous memory are populated first, with huge pages where possible,
 * since a page fault for each page takes longer than the copy. All other runs are read in the order of the file.
 */
export function readIntoMemory(fill: MemoryFill, stored: readonly StoredRange[]): void {
  const ranges = joinStored(stored);
  const mayBe = fill.huge?.mappings ?? [];
  const huge = hugeRanges(ranges, mayBe);
  const mappings = mayBe.filter((mapping) => touches(huge, mapping));
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
  // Ranges whose contents come from several places must become huge pages before the first part is read.
  const made = fill.huge?.made;
  work(
    fill,
    rest.map((range) => ({ ...range, how: 'collapse' })),
    made,
  );
  readSmall(fill, small);
  work(fill, large, whole.length > 0 ? made : 0);
}

function work(
  fill: Pick<MemoryFill, 'program'>,
  parts: readonly PagesPart[],
  huge: LateRef | 0 = 0,
  what: 'shared ' | '' = '',
): void {
  const bytes = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  for (let i = 0; i < parts.length; i += MOST_PARTS) {
    const some = parts.slice(i, i + MOST_PARTS);
    const label = `${what}${pagesAt(some[0]?.start ?? 0)}`;
    fill.program().pages(some, bytes >= SHARED_WORK ? HELPERS : 0, { label, huge });
  }
}

/** Reads runs that are not adjacent in memory, in groups that are consecutive in the file; several groups in parallel. */
function scatter(fill: MemoryFill, ranges: readonly StoredRange[]): void {
  let words = new BigUint64Array(MOST_VECTORS * 2);
  let parts: PagesPart[] = [];
  let count = 0;
  let first = 0;
  let bytes = 0;
  let [from]: readonly (StoredRange | undefined)[] = ranges;
  const endGroup = () => {
    if (from && count > first)
      parts.push({
        start: BigInt(first),
        end: BigInt(count),
        offset: from.offset,
        fd: fill.fdOf(from.file),
        how: 'scatter',
      });
    first = count;
    bytes = 0;
  };
  const endStep = () => {
    if (parts.length === 0) return;
    const vectors = Buffer.from(words.buffer, 0, count * 16);
    fill.program().pages(parts, HELPERS, { vectors, label: pagesAt(words[0] ?? 0n) });
    words = new BigUint64Array(MOST_VECTORS * 2);
    parts = [];
    count = first = 0;
  };
  for (const range of ranges)
    for (const piece of pieces(range, PIECE, cutStored)) {
      const size = sizeOf(piece);
      const goesOn = from && piece.file === from.file && piece.offset === from.offset + bytes;
      if (!goesOn || count - first === GROUP_VECTORS || bytes + size > PIECE) {
        endGroup();
        from = piece;
      }
      words[count * 2] = piece.start;
      words[count * 2 + 1] = piece.end - piece.start;
      count++;
      bytes += size;
      if (count < MOST_VECTORS) continue;
      endGroup();
      endStep();
      from = undefined;
    }
  endGroup();
  endStep();
}

/** Reads runs that are consecutive in the file with preadv(2), up to IOV_MAX parts at a time. */
function readSmall(fill: MemoryFill, ranges: readonly StoredRange[]): void {
  if (totalOf(ranges) >= SHARED_WORK) {
    scatter(fill, ranges);
    return;
  }
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

/** Copies pages of a shared memory object to their offsets in its file, from page cache to page cache. */
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
  work(fill, parts, 0, 'shared ');
}
