// Page contents by address, with the chain of parent checkpoints. Pages images are read on demand.

import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pathArg } from './bytes.js';
import { ImageError } from './errors.js';
import { ioError } from './image.js';
import {
  type Block,
  type Blocks,
  checkCodec,
  type Layout,
  layoutOf,
  PageCodec,
  unpackBlock,
} from './packed.js';
import { PAGE_SIZE } from './page.js';
import { type Pagemap, PagemapFlags, pageCount, pageFlags } from './pagemap.js';
import { columnsOf, type PagemapColumns } from './pagemap-columns.js';
import { type Segment, segments } from './segments.js';
import type { PagemapEntry } from './types.generated.js';

const PAGE = BigInt(PAGE_SIZE);

/** Adjacent pages from one source. */
export interface PageRun {
  readonly start: bigint;
  readonly end: bigint;
  readonly flags: number;
  /** Index of the first page in the pages image; undefined if the pages are not in it. */
  readonly page: number | undefined;
}

/** Location of a page. */
export interface PageLocation {
  readonly file: string;
  /** Offset in the file in bytes. */
  readonly offset: number;
  /** Number of checkpoints back; 0 is this one. */
  readonly generation: number;
}

export interface PageSource {
  /** Path of the pages image. */
  readonly file: string;
  /** Path of the pagemap image, for error messages. */
  readonly mapFile: string;
  readonly pagemap: Pagemap;
  /** The same address space in the parent checkpoint. */
  readonly parent?: (() => PageMemory | undefined) | undefined;
}

export class PageMemory {
  /** Number of pages of this address space in the pages image. */
  readonly storedPages: number;
  /**
   * The runs as columns, if all of them are stored consecutively and not packed in this checkpoint's pages image,
   * sorted by address and without overlap; otherwise undefined.
   */
  readonly plainRuns: PagemapColumns | undefined;
  private readonly layout: Layout;
  private list: readonly PageRun[] | undefined;
  /** The block that was decompressed last. */
  private unpacked: { readonly block: Block; readonly bytes: Uint8Array } | undefined;
  private before: PageMemory | undefined;
  private asked = false;
  private fd = -1;

  constructor(private readonly source: PageSource) {
    const columns = columnsOf(source.pagemap);
    if (columns) {
      const { bytes, plain } = storedIn(columns);
      this.plainRuns = plain ? columns : undefined;
      this.storedPages = bytes / PAGE_SIZE;
      this.layout = { bytes: this.storedPages * PAGE_SIZE, blocks: undefined };
      return;
    }
    this.storedPages = source.pagemap.entries.reduce(
      (sum, entry) => (pageFlags(entry) & PagemapFlags.PRESENT ? sum + Number(pageCount(entry)) : sum),
      0,
    );
    this.layout = layoutOf(source.pagemap.entries, source.mapFile);
    if (this.layout.blocks) checkCodec(this.codec, source.mapFile);
  }

  /** All runs, sorted by address. */
  get runs(): readonly PageRun[] {
    this.list ??= runsOf(this.source.pagemap.entries);
    return this.list;
  }

  /** Required size of the pages image for this address space, in bytes. */
  get storedBytes(): number {
    return this.layout.bytes;
  }

  /**
   * The blocks of a compressed pages image; offsets of pages are those in the decompressed image. Undefined for a plain
   * image.
   */
  get blocks(): Blocks | undefined {
    return this.layout.blocks;
  }

  /** Compression of the blocks: one of `PageCodec`. */
  get codec(): number {
    return this.source.pagemap.head.page_codec ?? PageCodec.LZ4;
  }

  /** Path of the pages image with the pages of this checkpoint. */
  get file(): string {
    return this.source.file;
  }

  /** Path of the pagemap image. */
  get mapFile(): string {
    return this.source.mapFile;
  }

  /** Index of the first run that ends after an address. */
  indexFrom(address: bigint): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { end = 0n } = this.runs[middle] ?? {};
      if (end <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The run with an address. */
  run(address: bigint): PageRun | undefined {
    const found = this.runs[this.indexFrom(address)];
    return found !== undefined && found.start <= address ? found : undefined;
  }

  /**
   * Location of the page with this address; undefined if no checkpoint of the chain has it, because the task never used
   * it or because it is to be fetched later.
   * @throws ImageError `unresolved` if the page should be in a missing parent
   */
  locate(address: bigint, generation = 0): PageLocation | undefined {
    const run = this.run(address);
    if (run === undefined) return undefined;
    if (run.page !== undefined) {
      const index = run.page + Number((address - run.start) / PAGE);
      return { file: this.source.file, offset: index * PAGE_SIZE, generation };
    }
    if ((run.flags & PagemapFlags.PARENT) === 0) return undefined;
    const found = this.parent()?.locate(address, generation + 1);
    if (found === undefined) {
      const where = `0x${address.toString(16)}`;
      throw new ImageError(
        'unresolved',
        `page ${where} should be in the parent checkpoint and is not`,
        this.source.mapFile,
      );
    }
    return found;
  }

  /**
   * The pages between two addresses, in order, without pages that are in no pagemap. Each has the memory of the chain
   * whose pages image contains it.
   * @throws ImageError `unresolved` if pages should be in a parent that does not have them
   */
  segments(from?: bigint, to?: bigint): Generator<Segment, void, undefined> {
    return segments(this, from, to);
  }

  /** The same address space in the parent checkpoint. */
  parent(): PageMemory | undefined {
    if (!this.asked) {
      this.asked = true;
      this.before = this.source.parent?.();
    }
    return this.before;
  }

  /** The page with an address; undefined if the chain does not have it. */
  page(address: bigint): Buffer | undefined {
    const location = this.locate(address & ~(PAGE - 1n));
    if (location === undefined) return undefined;
    let owner: PageMemory | undefined = this;
    for (let up = 0; up < location.generation; up++) owner = owner?.parent();
    if (!owner) return undefined;
    const buffer = Buffer.allocUnsafe(PAGE_SIZE);
    owner.readAt(buffer, location.offset);
    return buffer;
  }

  /**
   * Bytes at an address. Pages that no checkpoint has read as zeros, as unused memory does.
   * @param length number of bytes, which the caller must limit
   */
  read(address: bigint, length: number): Buffer {
    const out = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const at = address + BigInt(done);
      const inPage = Number(at & (PAGE - 1n));
      const size = Math.min(PAGE_SIZE - inPage, length - done);
      this.page(at)?.copy(out, done, inPage, inPage + size);
      done += size;
    }
    return out;
  }

  /** Closes the pages images that reading has opened. */
  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
    this.before?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Fills a buffer from the pages image; `offset` is that in the decompressed image. @throws ImageError */
  readAt(into: Buffer, offset: number): void {
    const { blocks } = this.layout;
    if (!blocks) {
      this.readFile(into, offset);
      return;
    }
    let index = blocks.indexOf(offset);
    for (let done = 0; done < into.length; index++) {
      const block = blocks.at(index);
      if (!block)
        throw new ImageError('truncated', 'the pages image ends before this page', this.file, offset);
      const skip = offset + done - block.start;
      const size = Math.min(block.length - skip, into.length - done);
      const part = into.subarray(done, done + size);
      if (block.size === block.length) this.readFile(part, block.offset + skip);
      else if (block.size === 0) part.fill(0);
      else part.set(this.unpack(block).subarray(skip, skip + size));
      done += size;
    }
  }

  private unpack(block: Block): Uint8Array {
    if (this.unpacked?.block.start === block.start) return this.unpacked.bytes;
    const packed = Buffer.alloc(block.size);
    this.readFile(packed, block.offset);
    try {
      const bytes = unpackBlock(this.codec, packed, block.length);
      this.unpacked = { block, bytes };
      return bytes;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      throw new ImageError(error.code, error.reason, this.file, block.offset);
    }
  }

  /** Reads from the file without decompression. */
  private readFile(into: Buffer, offset: number): void {
    const { file } = this.source;
    try {
      if (this.fd < 0) this.fd = openSync(pathArg(file), 'r');
    } catch (error) {
      throw ioError('open', file, error);
    }
    for (let done = 0; done < into.length; ) {
      let size: number;
      try {
        size = readSync(this.fd, into, done, into.length - done, offset + done);
      } catch (error) {
        throw ioError('read', file, error);
      }
      if (size === 0)
        throw new ImageError('truncated', 'the pages image ends before this page', file, offset + done);
      done += size;
    }
  }
}

function runsOf(entries: readonly PagemapEntry[]): PageRun[] {
  const runs: PageRun[] = [];
  let next = 0;
  for (const entry of entries) {
    const pages = Number(pageCount(entry));
    const flags = pageFlags(entry);
    const stored = (flags & PagemapFlags.PRESENT) !== 0;
    const end = entry.vaddr + BigInt(pages) * PAGE;
    runs.push({ start: entry.vaddr, end, flags, page: stored ? next : undefined });
    if (stored) next += pages;
  }
  // Dumps write runs in ascending order, but lookups must also work for other images.
  if (runs.some(({ start }, i) => start < (runs[i - 1]?.start ?? 0n)))
    runs.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  return runs;
}

/**
 * Bytes in the pages image; and whether all runs are stored in it, sorted and without overlap. One loop for both, as there
 * can be a run for each page.
 */
function storedIn({ starts, ends, flags }: PagemapColumns): {
  readonly bytes: number;
  readonly plain: boolean;
} {
  let bytes = 0;
  let last = 0;
  let plain = true;
  for (let i = 0; i < flags.length; i++) {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    const flag = flags[i] ?? 0;
    if (flag & PagemapFlags.PRESENT) bytes += end - start;
    if ((flag & ~PagemapFlags.LAZY) !== PagemapFlags.PRESENT || start < last || end <= start) plain = false;
    last = end;
  }
  return { bytes, plain };
}

/** Path of the pages image for a pagemap in a directory. */
export function pagesFile(dir: string, pagemap: Pagemap): string {
  return join(dir, `pages-${pagemap.head.pages_id}.img`);
}
