// Pages into the memory of a task that is being restored: its own agent reads them from the files that have them.
import type { Program } from '@criu/compel';
import { pieces, sizeOf } from '../ranges.js';
import { cutStored, type StoredRange } from '../sources/source.js';

/** One system call moves less than 2 GiB. */
export const TRANSFER_LIMIT = 1 << 30;
const IOV_MAX = 1024;

/** Anonymous memory in runs from this size on is made first and then filled, piece by piece. */
const LARGE = 1 << 20;
const PIECE = 4 << 20;
const MADV_POPULATE_WRITE = 23;

export interface MemoryFill {
  /** The program to add to; it may be another one each time. */
  program(): Program;
  /** Number of the descriptor that the task has of a file. */
  fdOf(file: string): number;
  /** Whether a range lies in mappings of private anonymous memory. */
  anonymous(range: StoredRange): boolean;
}

const pagesAt = (start: bigint | number) => `pages at 0x${start.toString(16)}`;

/**
 * Runs that follow one another in the file, read by one preadv(2) of up to IOV_MAX parts. Large runs of anonymous
 * memory get their pages at once before: a fault for each of them would take longer than the copy.
 */
export function readIntoMemory(fill: MemoryFill, ranges: readonly StoredRange[]): void {
  let i = 0;
  for (let first = ranges[i]; first; first = ranges[i]) {
    if (sizeOf(first) >= LARGE && fill.anonymous(first)) {
      readLarge(fill, first);
      i++;
      continue;
    }
    const words: bigint[] = [];
    let total = 0;
    for (let r = ranges[i]; r && words.length < IOV_MAX * 2; r = ranges[i]) {
      const size = sizeOf(r);
      if (r.file !== first.file || r.offset !== first.offset + total) break;
      if (total + size > TRANSFER_LIMIT || (size >= LARGE && fill.anonymous(r))) break;
      words.push(r.start, BigInt(size));
      total += size;
      i++;
    }
    if (words.length === 0) {
      for (const piece of pieces(first, TRANSFER_LIMIT, cutStored)) read(fill, piece);
      i++;
      continue;
    }
    const p = fill.program();
    p.syscall('preadv', [fill.fdOf(first.file), p.u64(...words), words.length / 2, first.offset], {
      expect: total,
      label: pagesAt(first.start),
    });
  }
}

function readLarge(fill: MemoryFill, range: StoredRange): void {
  for (const piece of pieces(range, PIECE, cutStored)) {
    fill.program().syscall('madvise', [piece.start, sizeOf(piece), MADV_POPULATE_WRITE], { expect: 'any' });
    read(fill, piece);
  }
}

function read(fill: MemoryFill, range: StoredRange): void {
  const { file, start, offset } = range;
  fill.program().full('pread64', [fill.fdOf(file), start, sizeOf(range), offset], {
    expect: sizeOf(range),
    label: pagesAt(start),
  });
}

/** Copies runs of a shared memory object's pages to where they belong in its file. */
export function readIntoFile(
  fill: Pick<MemoryFill, 'program' | 'fdOf'>,
  ranges: readonly StoredRange[],
  target: number,
): void {
  for (const range of ranges)
    for (const piece of pieces(range, TRANSFER_LIMIT, cutStored)) {
      const p = fill.program();
      p.syscall('lseek', [target, piece.start, 0]);
      p.syscall('sendfile', [target, fill.fdOf(piece.file), p.u64(piece.offset), sizeOf(piece)], {
        expect: sizeOf(piece),
        label: `shared ${pagesAt(piece.start)}`,
      });
    }
}
