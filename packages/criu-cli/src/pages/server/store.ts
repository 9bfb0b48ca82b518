// The storage of a page server: for each address space or shared memory object a pagemap and a pages image, written as
// pages arrive.
import {
  ImageEncoder,
  ImageSet,
  imageFileName,
  PAGE,
  PageCodec,
  type PageMemory,
  PagemapFlags,
} from '@criu/images';
import { closeSync, writeSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import { openMemory, type WhichMemory } from '../../images/memory.js';
import { linkParent } from '../../images/writer.js';
import { OutputDirectory } from '../../output-dir.js';
import { fromImages } from '../sources/images.js';

/** Ids of pages images below this are used by a dump that writes into the same directory. */
const FIRST_PAGES = 0x10001;
const FLUSH_BYTES = 1 << 16;
/** Limit for the number of images: a dump has only a few for each task. */
const MOST_IMAGES = 1 << 16;
const { PARENT, PRESENT } = PagemapFlags;

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** How compressed pages arrive. */
export interface PackedBlocks {
  /** One of `PageCodec`. */
  readonly codec: number;
  /** Pages per block. */
  readonly pages: number;
}

interface PackedEntry {
  readonly start: bigint;
  readonly flags: number;
  count: bigint;
  readonly sizes: number[];
}

class StoredMemory {
  private readonly encoder = new ImageEncoder('PAGEMAP');
  /** Address behind the last page so far: pages arrive in ascending order. */
  end = 0n;
  /** The latest entry. It is not encoded yet, since the next pages may extend it. */
  private last: PackedEntry | undefined;

  constructor(
    readonly name: string,
    private readonly map: number,
    /** Descriptor of the pages image. */
    readonly pages: number,
    readonly parent: PageMemory | undefined,
    pagesId: number,
    private readonly packing: PackedBlocks | undefined,
  ) {
    const codec = packing?.codec ?? PageCodec.LZ4;
    this.encoder.item({ pages_id: pagesId, ...(codec === PageCodec.LZ4 ? {} : { page_codec: codec }) });
  }

  /** @param sizes sizes in bytes of the blocks, if pages are compressed */
  add(start: bigint, count: bigint, flags: number, sizes: readonly number[] = []): void {
    const { last, packing } = this;
    const pages = BigInt(packing?.pages ?? 1);
    // A run that was sent in pieces is merged again, unless its last block is shorter than a full one.
    const goesOn = last?.flags === flags && this.end === start && last.count % pages === 0n;
    this.end = start + count * PAGE;
    if (last && goesOn && sizes.length > 0) {
      last.count += count;
      for (const size of sizes) last.sizes.push(size);
      return;
    }
    this.encode();
    if (sizes.length > 0) this.last = { start, count, flags, sizes: [...sizes] };
    else this.encoder.item({ vaddr: start, compat_nr_pages: 0, flags, nr_pages: count });
    if (this.encoder.length > FLUSH_BYTES) this.write();
  }

  private encode(): void {
    const { last, packing } = this;
    this.last = undefined;
    if (!last) return;
    const pages = packing?.pages ?? 1;
    this.encoder.item({
      vaddr: last.start,
      compat_nr_pages: 0,
      flags: last.flags,
      nr_pages: last.count,
      compressed_size: last.sizes,
      total_compressed_size: BigInt(last.sizes.reduce((sum, size) => sum + size, 0)),
      ...(pages > 1 ? { region_pages: pages } : {}),
    });
  }

  flush(): void {
    this.encode();
    this.write();
  }

  private write(): void {
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
  private readonly directory: OutputDirectory;
  /** Images that still have temporary names, until all are complete. */
  private readonly made: string[] = [];
  private readonly opened = new Set<string>();
  private readonly parent: ImageSet | undefined;
  private current: StoredMemory | undefined;
  private nextPages = FIRST_PAGES;
  /** How pages are compressed from now on; undefined if they are not. */
  packing: PackedBlocks | undefined;

  /**
   * @param prevImagesDir parent images of those to be stored
   * @throws CriuError
   */
  constructor(
    private readonly dir: string,
    prevImagesDir?: string,
  ) {
    try {
      this.directory = OutputDirectory.open(dir);
    } catch (error) {
      throw asCriuError(error, 'cannot open the images directory', { file: dir });
    }
    try {
      if (prevImagesDir !== undefined) linkParent(this.directory, prevImagesDir);
      this.parent = new ImageSet(dir).parent();
    } catch (error) {
      this.directory.close();
      throw fromImages(error);
    }
  }

  private make(name: string): number {
    if (this.made.length > 2 * MOST_IMAGES)
      throw new CriuError('BAD_IMAGE', `more than ${MOST_IMAGES} address spaces were sent`, {
        file: this.dir,
      });
    this.made.push(name);
    return this.directory.create(unfinished(name));
  }

  private inParent(which: WhichMemory): PageMemory | undefined {
    try {
      return this.parent && openMemory(this.parent, which);
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the previous images', { file: this.dir });
    }
  }

  /** Whether the parent images have an address space or object. @throws CriuError */
  hasParent(which: WhichMemory): boolean {
    return this.inParent(which) !== undefined;
  }

  /** Starts storing an address space or object. @returns whether the parent images have it @throws CriuError */
  open(which: WhichMemory): boolean {
    this.end();
    const name =
      'pid' in which ? imageFileName('PAGEMAP', which.pid) : imageFileName('PAGEMAP', which.shmid, 1);
    if (this.opened.has(name)) throw new CriuError('BAD_IMAGE', 'it was sent twice', { file: name });
    this.opened.add(name);
    const parent = this.inParent(which);
    const map = this.make(name);
    try {
      const id = this.nextPages++;
      this.current = new StoredMemory(name, map, this.make(`pages-${id}.img`), parent, id, this.packing);
    } catch (error) {
      closeSync(map);
      throw error;
    }
    return parent !== undefined;
  }

  /**
   * Records pages of the current address space or object, from a record that was checked.
   * @param sizes sizes in bytes of the blocks, if pages are compressed
   * @returns descriptor to append the contents to; undefined for pages without contents
   * @throws CriuError
   */
  add(start: bigint, count: bigint, flags: number, sizes?: readonly number[]): number | undefined {
    const { current } = this;
    if (!current) throw new CriuError('INTERNAL', 'pages are to be kept of no memory', { file: this.dir });
    const end = start + count * PAGE;
    if (count === 0n) return undefined;
    if (start < current.end)
      throw new CriuError(
        'BAD_IMAGE',
        `${count} pages at ${hex(start)} were sent already, or are out of order`,
        { file: current.name },
      );
    if (!(flags & PRESENT) && flags & PARENT) this.check(current, start, end);
    try {
      current.add(start, count, flags, sizes);
    } catch (error) {
      throw asCriuError(error, 'cannot write an image file', { file: current.name });
    }
    return flags & PRESENT ? current.pages : undefined;
  }

  /** Checks that pages which are said to be in the parent are there. @throws CriuError */
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

  /** Completes the current address space or object. @throws CriuError */
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

  /** Gives all images their final names, replacing those of an earlier dump. @throws CriuError */
  commit(): void {
    this.end();
    // Pages images are renamed first, so that a visible pagemap always has its pages.
    const pages = this.made.filter((name) => name.startsWith('pages-'));
    const maps = this.made.filter((name) => !name.startsWith('pages-'));
    for (const name of [...pages, ...maps]) this.directory.rename(unfinished(name), name);
    this.made.length = 0;
  }

  /** Removes what was stored of a failed dump, and closes all files. */
  close(): void {
    this.current?.close();
    this.current = undefined;
    for (const name of this.made.splice(0)) {
      try {
        this.directory.remove(unfinished(name));
      } catch {
        // The reason for the failure of the dump is what has to be reported.
      }
    }
    this.directory.close();
  }
}

/** Temporary name of an image. The next server replaces files that a killed one has left. */
function unfinished(name: string): string {
  return `${name}.part`;
}
