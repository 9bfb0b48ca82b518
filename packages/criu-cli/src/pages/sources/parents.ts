// The pages of the checkpoint that a dump builds on, made ready to be compared with those of tasks.
import { join } from 'node:path';
import { ImageSet, type InventoryEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { existsSync, realpathSync, resolvePath, statSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import type { WhichMemory } from '../../images/memory.js';
import { pairs, type Range } from '../ranges.js';
import type { PageRuns } from '../runs.js';
import { fromImages, ImagePages } from './images.js';
import { cutStored, type StoredRange } from './source.js';

const POSIX_FADV_WILLNEED = 3;

/** Pages of a dump that the parent has too. */
export interface SharedPiece extends Range {
  /** Where the parent has them; -1 if that does not matter. */
  readonly fd: number;
  readonly offset: number;
}

export class ParentPages {
  readonly inventory: InventoryEntry;
  private readonly set: ImageSet;
  private readonly pages: ImagePages;

  /** @param prev directory of the earlier dump, relative to the images directory. @throws CriuError */
  constructor(imagesDir: string, prev: string) {
    const dir = resolvePath(imagesDir, prev);
    const remedy = 'name the directory of the previous dump, relative to the images directory';
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory())
      throw new CriuError(
        'BAD_OPTION',
        'the previous images directory does not exist',
        { file: dir },
        remedy,
      );
    if (realpathSync(dir) === realpathSync(imagesDir))
      throw new CriuError('BAD_OPTION', 'a dump cannot build on its own directory', { file: dir }, remedy);
    if (!existsSync(join(dir, 'inventory.img')))
      throw new CriuError('IMAGE_MISSING', 'there is no finished dump to build on', { file: dir }, remedy);
    this.set = new ImageSet(dir);
    // The files' pages are asked for at once, so that tasks do not stand still for the disk.
    this.pages = new ImagePages(this.set, {
      what: 'the pages of the previous dump',
      opened: (fd) => void sysRaw('fadvise64', fd, 0, 0, POSIX_FADV_WILLNEED),
    });
    try {
      this.inventory = this.set.inventory();
      // A chain that leads back to the images directory would be cut by this dump.
      for (let up: ImageSet | undefined = this.set; up; up = up.parent())
        if (realpathSync(up.dir) === realpathSync(imagesDir))
          throw new CriuError(
            'BAD_OPTION',
            'the previous dump builds on this directory',
            { file: dir },
            remedy,
          );
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the previous dump', { file: dir });
    }
  }

  /** Reads what the parent has of a memory; before tasks are frozen, if that can be foreseen. @throws CriuError */
  prepare(which: WhichMemory): readonly StoredRange[] {
    const ranges = this.pages.ranges(which);
    for (const { file } of ranges) this.pages.keepOpen(file);
    return ranges;
  }

  /** Which of the pages the parent has, in the order of their addresses. @throws CriuError */
  overlap(which: WhichMemory, runs: PageRuns): SharedPiece[] {
    return pairs(this.prepare(which), runs.pages).map(({ range, start, end }) => ({
      start,
      end,
      fd: this.pages.keepOpen(range.file),
      offset: cutStored(range, start, end).offset,
    }));
  }

  close(): void {
    this.pages.close();
  }
}
