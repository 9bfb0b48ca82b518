// The source of pages for a restore, independent of who stores them.

import type { WhichMemory } from '../../images/memory.js';
import type { Range } from '../ranges.js';
import type { OpenFiles } from './open-files.js';
import type { StoredRuns } from './stored.js';

export interface PageSource {
  /** Whether contents can be read now; otherwise only the addresses are known. */
  readonly readable: boolean;
  /** All pages of an address space or object. @throws CriuError */
  ranges(which: WhichMemory): StoredRuns;
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
