// Where packed pages lie in a pages image: blocks of one or more pages, each packed by itself.
import { ImageError } from './errors.js';
import { unpackLz4 } from './lz4.js';
import { PAGE_SIZE } from './page.js';
import { PagemapFlags, pageCount, pageFlags } from './pagemap.js';
import type { PagemapEntry } from './types.generated.js';
import { unpackZstd } from './zstd.js';

/** Pages that are packed together, or not packed. */
export interface Block {
  /** Offset of the first page in what the image would be unpacked. */
  readonly start: number;
  /** Bytes of the pages. */
  readonly length: number;
  /** Where it lies in the file, and its bytes there: 0 if all is zero, `length` if they are as they are. */
  readonly offset: number;
  readonly size: number;
}

export interface Layout {
  /** Bytes that the file must have. */
  readonly bytes: number;
  /** In the order of the file; undefined for an image in which each page lies where its number says. */
  readonly blocks: readonly Block[] | undefined;
}

/** How blocks are packed: `pagemap_head.page_codec`. */
export const PageCodec = { LZ4: 0, ZSTD: 1 } as const;

const UNPACK = [unpackLz4, unpackZstd];

/** @throws ImageError `bad-value` for a codec that is not known */
export function checkCodec(codec: number, file: string): void {
  if (!UNPACK[codec])
    throw bad(`its pages are packed in a way that is not known here (codec ${codec})`, file);
}

/**
 * What is in a block that is neither empty nor as it is.
 * @param size of it, in bytes
 * @throws ImageError `bad-value` if the block is broken, or holds more or less than that
 */
export function unpackBlock(codec: number, from: Uint8Array, size: number): Uint8Array {
  const unpack = UNPACK[codec];
  if (!unpack) throw new ImageError('bad-value', `codec ${codec} is not known`);
  return unpack(from, size);
}

/** The largest region that is packed as one. */
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

/** The layout of a pages image. @throws ImageError `bad-value` for entries that do not fit together */
export function layoutOf(entries: readonly PagemapEntry[], file: string): Layout {
  // There can be an entry for each page, and hardly any image is packed.
  if (!entries.some(isPacked)) return { bytes: plainBytes(entries), blocks: undefined };
  const blocks: Block[] = [];
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
      blocks.push({ start: plain, length, offset: place, size: length });
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
    for (const [i, size] of sizes.entries()) {
      const bytes = Math.min(region, length - i * region);
      if (size > bytes) throw bad(`a packed block at ${where} is larger than its pages`, file);
      blocks.push({ start: plain + i * region, length: bytes, offset: place, size });
      place += size;
    }
    if (entry.total_compressed_size !== undefined && entry.total_compressed_size !== BigInt(place - begin))
      throw bad(`the packed blocks at ${where} do not have the size that they have in all`, file);
    plain += length;
  }
  return { bytes: place, blocks: packed ? blocks : undefined };
}

/** Index of the block that holds an offset of the unpacked image. */
export function blockAt(blocks: readonly Block[], offset: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle];
    if (block && block.start + block.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
