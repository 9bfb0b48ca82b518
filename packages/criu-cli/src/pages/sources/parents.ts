// The pages of the parent checkpoint of a dump, prepared for comparison with pages of tasks.
import { join } from 'node:path';
import { ImageSet, type InventoryEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { existsSync, realpathSync, resolvePath, statSync } from '@criu/native/fs';
import { POSIX_FADV_WILLNEED } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../errors.js';
import type { WhichMemory } from '../../images/memory.js';
import { pairs, type Range } from '../ranges.js';
import type { PageRuns } from '../runs.js';
import { fromImages, ImagePages } from './images.js';
import { cutStored, type StoredRuns } from './stored.js';

/** Pages of a dump that the parent has too. */
export interface SharedPiece extends Range {
  /** Descriptor of the parent's pages image and offset in it; -1 if the contents are not needed. */
  readonly fd: number;
  readonly offset: number;
}

export class ParentPages {
  readonly inventory: InventoryEntry;
  private readonly set: ImageSet;
  private readonly pages: ImagePages;

  /**
   * @param prev directory of the parent, relative to the images directory
   * @throws CriuError
   */
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
    // Read-ahead is requested at once, so that stopped tasks do not wait for the disk.
    this.pages = new ImagePages(this.set, {
      what: 'the pages of the previous dump',
      opened: (fd) => void sysRaw('fadvise64', fd, 0, 0, POSIX_FADV_WILLNEED),
    });
    try {
      this.inventory = this.set.inventory();
      // A chain that leads back to the images directory would be overwritten by this dump.
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

  /**
   * Opens what the parent has of an address space or object; called before the freeze where that is possible.
   * @throws CriuError
   */
  prepare(which: WhichMemory): StoredRuns {
    const ranges = this.pages.ranges(which);
    for (const file of ranges.files) this.pages.keepOpen(file);
    return ranges;
  }

  /** The pages that the parent has, sorted by address. @throws CriuError */
  overlap(which: WhichMemory, runs: PageRuns): SharedPiece[] {
    return pairs(this.prepare(which).list, runs.pages).map(({ range, start, end }) => ({
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
