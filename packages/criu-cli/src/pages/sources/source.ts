// Where pages come from when memory is made again: what a restore knows of it, whoever has them.

import type { WhichMemory } from '../../images/memory.js';
import { type Range, sizeOf } from '../ranges.js';
import type { OpenFiles } from './open-files.js';

/** Pages that lie one behind the other in memory and in a file. */
export interface StoredRange extends Range {
  /** Absolute path of the pages image. */
  readonly file: string;
  /** Of the first byte, in that file. */
  readonly offset: number;
}

/** The part of such a range between two addresses. */
export function cutStored(range: StoredRange, start: bigint, end: bigint): StoredRange {
  return { ...range, start, end, offset: range.offset + Number(start - range.start) };
}

/** The same with neighbours as one that are neighbours in the file, too. */
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
  /** Whether contents can be had now; a plan that is made on paper has the addresses only. */
  readonly readable: boolean;
  /** All pages that there are of a memory, in the order of their addresses. @throws CriuError */
  ranges(which: WhichMemory): readonly StoredRange[];
  /**
   * A descriptor of a file that ranges name, for the caller to close. Pages that are packed there are unpacked in it.
   * @param direct whoever reads takes whole pages into whole pages: past the page cache, where that is possible
   * @throws CriuError
   */
  open(file: string, direct?: boolean): number;
  /** Those that may be fetched when the task runs already, as pagemaps say. @throws CriuError */
  later(which: WhichMemory): readonly Range[];
  /** Whether pages of a memory are packed in their images. @throws CriuError */
  packed(which: WhichMemory): boolean;
  /** Bytes of a memory; undefined where not all of them are there. @throws CriuError */
  read(which: WhichMemory, start: bigint, bytes: number, files?: OpenFiles): Buffer | undefined;
}
