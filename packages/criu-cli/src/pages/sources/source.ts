// The source of pages for a restore, independent of who stores them.

import type { WhichMemory } from '../../images/memory.js';
import { type Range, sizeOf } from '../ranges.js';
import type { OpenFiles } from './open-files.js';

/** Pages that are consecutive both in memory and in a file. */
export interface StoredRange extends Range {
  /** Absolute path of the pages image. */
  readonly file: string;
  /** Offset in bytes of the first page in that file. */
  readonly offset: number;
}

/** The part of a stored range between two addresses. */
export function cutStored(range: StoredRange, start: bigint, end: bigint): StoredRange {
  return { ...range, start, end, offset: range.offset + Number(start - range.start) };
}

/** Merges ranges that are adjacent both in memory and in the file. */
export function joinStored(ranges: readonly StoredRange[]): StoredRange[] {
  const out: StoredRange[] = [];
  for (const range of ranges) {
    const last = out.at(-1);
    if (
      last &&
      last.end === range.start &&
      last.file === range.file &&
      last.offset + sizeOf(last) === range.offset
    )
      out[out.length - 1] = { ...last, end: range.end };
    else out.push(range);
  }
  return out;
}

export interface PageSource {
  /** Whether contents can be read now; otherwise only the addresses are known. */
  readonly readable: boolean;
  /** All pages of an address space or object, sorted by address. @throws CriuError */
  ranges(which: WhichMemory): readonly StoredRange[];
  /**
   * Opens a file that is named in ranges; the caller closes it. Compressed pages are decompressed in it.
   * @param direct reads are of whole aligned pages, so that O_DIRECT may be used
   * @throws CriuError
   */
  open(file: string, direct?: boolean): number;
  /** Pages that may be fetched when the task already runs, as pagemaps say. @throws CriuError */
  later(which: WhichMemory): readonly Range[];
  /** Whether the pages of an address space or object are compressed. @throws CriuError */
  packed(which: WhichMemory): boolean;
  /** Reads bytes of an address space or object; undefined if not all of them are stored. @throws CriuError */
  read(which: WhichMemory, start: bigint, bytes: number, files?: OpenFiles): Buffer | undefined;
}
