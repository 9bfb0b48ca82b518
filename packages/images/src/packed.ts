// The layout of compressed pages in a pages image: blocks of one or more pages, each compressed by itself.
import { ImageError } from './errors.js';
import { unpackLz4 } from './lz4.js';
import { PAGE_SIZE } from './page.js';
import { PagemapFlags, pageCount, pageFlags } from './pagemap.js';
import type { PagemapEntry } from './types.generated.js';
import { unpackZstd } from './zstd.js';

/** Pages that are compressed together, or stored plain. */
export interface Block {
  /** Offset in bytes of the first page in the decompressed image. */
  readonly start: number;
  /** Bytes of the decompressed pages. */
  readonly length: number;
  /** Offset and size in the file in bytes; size is 0 for zeros, and `length` for plain pages. */
  readonly offset: number;
  readonly size: number;
}

/** Blocks in the order of the file, which is that of their pages; in columns, as there can be one for each page. */
export class Blocks implements Iterable<Block> {
  private readonly starts: Float64Array;
  private readonly offsets: Float64Array;
  private readonly sizes: Float64Array;
  private end = 0;
  private count = 0;

  constructor(most: number) {
    this.starts = new Float64Array(most);
    this.offsets = new Float64Array(most);
    this.sizes = new Float64Array(most);
  }

  get length(): number {
    return this.count;
  }

  /** Bytes of all decompressed pages. */
  get bytes(): number {
    return this.end;
  }

  /** Adds a block behind all others. */
  add(length: number, offset: number, size: number): void {
    this.starts[this.count] = this.end;
    this.offsets[this.count] = offset;
    this.sizes[this.count] = size;
    this.end += length;
    this.count += 1;
  }

  at(i: number): Block | undefined {
    const start = this.starts[i];
    if (start === undefined || i >= this.count) return undefined;
    const end = i + 1 < this.count ? (this.starts[i + 1] ?? 0) : this.end;
    return { start, length: end - start, offset: this.offsets[i] ?? 0, size: this.sizes[i] ?? 0 };
  }

  /** Index of the block with an offset of the decompressed image. */
  indexOf(offset: number): number {
    let low = 0;
    for (let high = this.count; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((middle + 1 < this.count ? (this.starts[middle + 1] ?? 0) : this.end) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  *[Symbol.iterator](): Iterator<Block> {
    for (let i = 0, block = this.at(0); block; block = this.at(++i)) yield block;
  }
}

export interface Layout {
  /** Required size of the file in bytes. */
  readonly bytes: number;
  /** Undefined for a plain image, in which the page number determines the offset. */
  readonly blocks: Blocks | undefined;
}

/** Compression of the blocks: `pagemap_head.page_codec`. */
export const PageCodec = { LZ4: 0, ZSTD: 1 } as const;

const UNPACK = [unpackLz4, unpackZstd];

/** @throws ImageError `bad-value` for an unknown codec */
export function checkCodec(codec: number, file: string): void {
  if (!UNPACK[codec])
    throw bad(`its pages are packed in a way that is not known here (codec ${codec})`, file);
}

/**
 * Decompresses a block that is neither empty nor plain.
 * @param size size of the contents in bytes
 * @throws ImageError `bad-value` if the block is invalid or its contents have another size
 */
export function unpackBlock(codec: number, from: Uint8Array, size: number): Uint8Array {
  const unpack = UNPACK[codec];
  if (!unpack) throw new ImageError('bad-value', `codec ${codec} is not known`);
  return unpack(from, size);
}

/** Maximal size in bytes of pages compressed together. */
export const MOST_REGION = 4 << 20;

function bad(reason: string, file: string): ImageError {
  return new ImageError('bad-value', reason, file);
}

function isPacked(entry: PagemapEntry): boolean {
  return entry.compressed_size.length > 0 || (pageFlags(entry) & PagemapFlags.ALIGNED) !== 0;
}

function plainBytes(entries: readonly PagemapEntry[]): number {
  let bytes = 0;
  for (const entry of entries)
    if (pageFlags(entry) & PagemapFlags.PRESENT) bytes += Number(pageCount(entry)) * PAGE_SIZE;
  return bytes;
}

/** The layout of a pages image. @throws ImageError `bad-value` for contradictory entries */
export function layoutOf(entries: readonly PagemapEntry[], file: string): Layout {
  // There can be one entry for each page, and few images are compressed.
  if (!entries.some(isPacked)) return { bytes: plainBytes(entries), blocks: undefined };
  const blocks = new Blocks(entries.reduce((sum, { compressed_size: { length } }) => sum + (length || 1), 0));
  let plain = 0;
  let place = 0;
  let packed = false;
  for (const entry of entries) {
    const flags = pageFlags(entry);
    if (!(flags & PagemapFlags.PRESENT)) continue;
    if (flags & PagemapFlags.ALIGNED) place = Math.ceil(place / PAGE_SIZE) * PAGE_SIZE;
    const length = Number(pageCount(entry)) * PAGE_SIZE;
    const sizes = entry.compressed_size;
    packed ||= sizes.length > 0 || place !== plain;
    if (sizes.length === 0) {
      blocks.add(length, place, length);
      plain += length;
      place += length;
      continue;
    }
    const region = (entry.region_pages || 1) * PAGE_SIZE;
    if (region > MOST_REGION)
      throw bad(
        `packed blocks have ${region} bytes, and the most that they may have is ${MOST_REGION}`,
        file,
      );
    const where = `0x${entry.vaddr.toString(16)}`;
    if (sizes.length !== Math.ceil(length / region))
      throw bad(
        `the pages at ${where} have ${sizes.length} packed blocks, and not as many as they need`,
        file,
      );
    const begin = place;
    for (let i = 0; i < sizes.length; i++) {
      const size = sizes[i] ?? 0;
      const bytes = Math.min(region, length - i * region);
      if (size > bytes) throw bad(`a packed block at ${where} is larger than its pages`, file);
      blocks.add(bytes, place, size);
      place += size;
    }
    if (entry.total_compressed_size !== undefined && entry.total_compressed_size !== BigInt(place - begin))
      throw bad(`the packed blocks at ${where} do not have the size that they have in all`, file);
    plain += length;
  }
  return { bytes: place, blocks: packed ? blocks : undefined };
}
