// Restores pages into the memory of a task: its agent reads them from the pages images. docs/memory.md has the
// measurements behind the constants.
import type { LateRef, PagesPart, Program } from '@criu/compel';
import { IOV_MAX } from '@criu/native/uapi';
import { HUGE_PAGE } from '../../arch/index.js';
import {
  common,
  covers,
  cutRange,
  extents,
  pieces,
  type Range,
  sizeOf,
  touches,
  within,
  without,
} from '../ranges.js';
import { cutStored, type StoredRange, type StoredRuns } from '../sources/stored.js';

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
const HUGE = BigInt(HUGE_PAGE);
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
export function readIntoMemory(fill: MemoryFill, stored: StoredRuns): void {
  const mayBe = fill.huge?.mappings ?? [];
  const huge = mayBe.length > 0 ? hugeRanges(stored.extents(Number(HUGE)), mayBe) : [];
  const mappings = mayBe.filter((mapping) => touches(huge, mapping));
  const [large, small] = stored.divide(LARGE, (i) => {
    const range = stored.at(i);
    return touches(huge, range) || covers(fill.anonymous, range);
  });
  const whole = large.list.flatMap((range) => (touches(huge, range) ? hugeRanges([range], mappings) : []));
  const rest = without(huge, whole, cutRange);
  const parts: PagesPart[] = [];
  const add = (some: readonly StoredRange[], bytes: number, how: PagesPart['how']) => {
    for (const part of some)
      for (const { file, start, end, offset } of pieces(part, bytes, cutStored))
        parts.push({ start, end, offset, fd: fill.fdOf(file), how });
  };
  add(common(large.list, whole, cutStored), HUGE_PIECE, 'huge');
  // No part is of two mappings: the agent needs that to create pages with their contents.
  const others = without(large.list, whole, cutStored);
  add(common(others, fill.anonymous, cutStored), PIECE, 'populate');
  add(without(others, fill.anonymous, cutStored), PIECE, 'populate');
  // Ranges whose contents come from several places must become huge pages before the first part is read.
  const made = fill.huge?.made;
  work(
    fill,
    rest.map((range) => ({ ...range, how: 'collapse' })),
    made,
  );
  readSmall(fill, small);
  work(fill, parts, whole.length > 0 ? made : 0);
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

/** A list of struct iovec for lengths below 4 GiB. */
class Vectors {
  count = 0;
  private readonly words: Uint32Array;

  constructor(readonly most: number) {
    this.words = new Uint32Array(most * VECTOR_WORDS);
  }

  add(address: number, bytes: number): void {
    const at = this.count++ * VECTOR_WORDS;
    // An element takes the number modulo 2^32.
    this.words[at] = address;
    this.words[at + 1] = address / WORD;
    this.words[at + 2] = bytes;
  }

  get bytes(): Buffer {
    return Buffer.from(this.words.buffer, 0, this.count * VECTOR_WORDS * 4);
  }
}
const VECTOR_WORDS = 4;
const WORD = 2 ** 32;

/** Reads runs that are not adjacent in memory, in groups that are consecutive in the file; several groups in parallel. */
function scatter(fill: MemoryFill, runs: StoredRuns): void {
  const { starts, ends, offsets, fileOf } = runs;
  let vectors = new Vectors(MOST_VECTORS);
  let parts: PagesPart[] = [];
  let first = 0;
  let bytes = 0;
  let file = -1;
  let fd = -1;
  let from = 0;
  const endGroup = () => {
    const { count } = vectors;
    if (count > first)
      parts.push({
        start: BigInt(first),
        end: BigInt(count),
        offset: from,
        fd,
        how: 'scatter',
      });
    first = count;
    bytes = 0;
  };
  const endStep = (next: number) => {
    if (parts.length === 0) return;
    fill.program().pages(parts, HELPERS, { vectors: vectors.bytes, label: pagesAt(begin) });
    vectors = new Vectors(MOST_VECTORS);
    parts = [];
    first = 0;
    begin = next;
  };
  let begin = starts[0] ?? 0;
  for (let i = 0; i < starts.length; i++) {
    const end = ends[i] ?? 0;
    let offset = offsets[i] ?? 0;
    for (let at = starts[i] ?? 0, size = 0; at < end; at += size, offset += size) {
      size = Math.min(end - at, PIECE);
      if (vectors.count === vectors.most) {
        endGroup();
        endStep(at);
      }
      const goesOn = file === fileOf[i] && offset === from + bytes;
      if (!goesOn || vectors.count - first === GROUP_VECTORS || bytes + size > PIECE) {
        endGroup();
        if (file !== fileOf[i]) fd = fill.fdOf(runs.file(i));
        file = fileOf[i] ?? -1;
        from = offset;
      }
      vectors.add(at, size);
      bytes += size;
    }
  }
  endGroup();
  endStep(0);
}

/** Reads runs that are consecutive in the file with preadv(2), up to IOV_MAX parts at a time. */
function readSmall(fill: MemoryFill, runs: StoredRuns): void {
  if (runs.bytes >= SHARED_WORK) {
    scatter(fill, runs);
    return;
  }
  const { starts, offsets, fileOf, length } = runs;
  for (let i = 0; i < length; ) {
    const first = i;
    const offset = offsets[i] ?? 0;
    const vectors = new Vectors(Math.min(IOV_MAX, length - i));
    let total = 0;
    while (i < length && vectors.count < IOV_MAX) {
      if (fileOf[i] !== fileOf[first] || offsets[i] !== offset + total) break;
      vectors.add(starts[i] ?? 0, runs.size(i));
      total += runs.size(i++);
    }
    const p = fill.program();
    p.syscall('preadv', [fill.fdOf(runs.file(first)), p.data(vectors.bytes), vectors.count, offset], {
      expect: total,
      label: pagesAt(starts[first] ?? 0),
    });
  }
}

/** Copies pages of a shared memory object to their offsets in its file, from page cache to page cache. */
export function readIntoFile(
  fill: Pick<MemoryFill, 'program' | 'fdOf'>,
  ranges: StoredRuns,
  target: number,
): void {
  const parts = ranges.list.flatMap((range) =>
    [...pieces(range, PIECE, cutStored)].map(({ file, start, end, offset }): PagesPart => {
      return { start, end, offset, fd: fill.fdOf(file), target, how: 'file' };
    }),
  );
  work(fill, parts, 0, 'shared ');
}
