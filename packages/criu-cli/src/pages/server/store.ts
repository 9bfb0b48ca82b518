// What a page server keeps: for each memory a pagemap and a pages image, written as it comes.
import { join } from 'node:path';
import { ImageEncoder, ImageSet, type PageMemory, PagemapFlags } from '@criu/images';
import { closeSync, constants, openSync, rmSync, writeSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import { openMemory, type WhichMemory } from '../../images/memory.js';
import { imageName } from '../../images/writer.js';
import { fromImages } from '../sources/images.js';

/** Numbers below are those of a dump that writes into the same directory. */
const FIRST_PAGES = 0x10001;
const FLUSH_BYTES = 1 << 16;
/** A dump has few for each task; more come from nobody well-meaning. */
const MOST_IMAGES = 1 << 16;
const PAGE = 4096n;
const { PARENT, LAZY, PRESENT } = PagemapFlags;

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

class StoredMemory {
  private readonly encoder = new ImageEncoder('PAGEMAP');

  constructor(
    readonly name: string,
    private readonly map: number,
    /** Descriptor of the pages image. */
    readonly pages: number,
    readonly parent: PageMemory | undefined,
    pagesId: number,
  ) {
    this.encoder.item({ pages_id: pagesId });
  }

  add(start: bigint, count: bigint, flags: number): void {
    this.encoder.item({ vaddr: start, compat_nr_pages: 0, flags, nr_pages: count });
    if (this.encoder.length > FLUSH_BYTES) this.flush();
  }

  flush(): void {
    const bytes = this.encoder.take();
    for (let done = 0; done < bytes.length; ) done += writeSync(this.map, bytes, done);
  }

  close(): void {
    closeSync(this.map);
    closeSync(this.pages);
    this.parent?.close();
  }
}

export class PageStore {
  private readonly made = new Set<string>();
  private readonly set: ImageSet;
  private readonly parent: ImageSet | undefined;
  private current: StoredMemory | undefined;
  private nextPages = FIRST_PAGES;

  /** @throws CriuError */
  constructor(private readonly dir: string) {
    this.set = new ImageSet(dir);
    try {
      this.parent = this.set.parent();
    } catch (error) {
      throw fromImages(error);
    }
  }

  private make(name: string): number {
    const path = join(this.dir, name);
    this.made.add(path);
    if (this.made.size > 2 * MOST_IMAGES)
      throw new CriuError('BAD_IMAGE', `more than ${MOST_IMAGES} memories were sent`, { file: this.dir });
    try {
      return openSync(
        path,
        constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
        0o644,
      );
    } catch (error) {
      throw asCriuError(error, 'cannot make an image file', { file: path });
    }
  }

  private inParent(which: WhichMemory): PageMemory | undefined {
    try {
      return this.parent && openMemory(this.parent, which);
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the previous images', { file: this.dir });
    }
  }

  /** Whether the previous images have a memory. @throws CriuError */
  hasParent(which: WhichMemory): boolean {
    return this.inParent(which) !== undefined;
  }

  /** Begins with a memory. @returns whether the previous images have it. @throws CriuError */
  open(which: WhichMemory): boolean {
    this.end();
    const name = 'pid' in which ? imageName('PAGEMAP', which.pid) : imageName('PAGEMAP', which.shmid, 1);
    const parent = this.inParent(which);
    const map = this.make(name);
    try {
      const id = this.nextPages++;
      this.current = new StoredMemory(name, map, this.make(`pages-${id}.img`), parent, id);
    } catch (error) {
      closeSync(map);
      throw error;
    }
    return parent !== undefined;
  }

  /**
   * Notes pages of the memory that was opened.
   * @returns descriptor that their contents have to be appended to; undefined where there are none
   * @throws CriuError
   */
  add(start: bigint, count: bigint, flags: number): number | undefined {
    const current = this.current!;
    const bad = (reason: string): never => {
      throw new CriuError('BAD_IMAGE', `${count} pages at ${hex(start)}: ${reason}`, { file: current.name });
    };
    const end = start + count * PAGE;
    if (start % PAGE !== 0n || end > 1n << 64n) bad('there is no such memory');
    if (flags === 0 || flags & ~(PARENT | LAZY | PRESENT)) bad(`unknown flags ${flags}`);
    if (count === 0n) return undefined;
    if (!(flags & PRESENT) && flags & PARENT) this.check(current, start, end);
    try {
      current.add(start, count, flags);
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: current.name });
    }
    return flags & PRESENT ? current.pages : undefined;
  }

  /** What is said to be in the parent has to be there. */
  private check({ parent, name }: StoredMemory, start: bigint, end: bigint): void {
    let at = start;
    try {
      for (const segment of parent?.segments(start, end) ?? []) {
        if (segment.start !== at) break;
        at = segment.end;
      }
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the previous images', { file: name });
    }
    if (at < end)
      throw new CriuError('IMAGE_MISSING', `page ${hex(at)} should be in the previous images and is not`, {
        file: name,
      });
  }

  /** Completes the memory that was opened. @throws CriuError */
  end(): void {
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    try {
      current.flush();
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: current.name });
    } finally {
      current.close();
    }
  }

  /** Removes all that was kept. */
  discard(): void {
    this.current?.close();
    this.current = undefined;
    for (const path of this.made) rmSync(path, { force: true });
  }
}
