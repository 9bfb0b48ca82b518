// Options for compressed pages (--compress, --compress-region), and the inventory fields that record them.
import {
  IMAGES_VERSION,
  type InventoryEntry,
  MOST_REGION,
  OWN_PACKED_VERSION,
  PACKED_VERSION,
  PAGE_SIZE,
  PageCodec,
} from '@criu/images';
import { addon } from '@criu/native';
import { CriuError } from '../errors.js';
import type { DumpOptions } from '../options.js';

export interface Packing {
  /** One of `PageCodec`. */
  readonly codec: number;
  /** Bytes that are compressed as one block; a multiple of the page size. */
  readonly region: number;
  /** From 1 up: higher values are faster and compress less. */
  readonly acceleration: number;
}

/** Default for the number of bytes that are compressed as one block. */
const REGION = 256 << 10;
const MOST_ACCELERATION = 65_536;

/** How pages are to be compressed; undefined for uncompressed pages. @throws CriuError BAD_OPTION, UNSUPPORTED */
export function packingOf({
  compress,
  compressRegion,
  compressAcceleration = 1,
}: DumpOptions): Packing | undefined {
  if (!compress && compressRegion === undefined) return undefined;
  const bad = (why: string, remedy: string) => new CriuError('BAD_OPTION', why, {}, remedy);
  const region = compressRegion === undefined ? PAGE_SIZE : compressRegion || REGION;
  if (region % PAGE_SIZE !== 0 || region > MOST_REGION)
    throw bad(
      `pages cannot be packed by ${region} bytes`,
      `give --compress-region whole pages, at most ${MOST_REGION >> 20} MiB`,
    );
  if (!Number.isInteger(compressAcceleration) || compressAcceleration < 1)
    throw bad('the acceleration is a number from 1 up', 'give another --compress-acceleration');
  const codec = compress === 'zstd' ? PageCodec.ZSTD : PageCodec.LZ4;
  if (codec === PageCodec.ZSTD) needZstd('pages cannot be packed by zstd', 'or leave out =zstd, for LZ4');
  return { codec, region, acceleration: Math.min(compressAcceleration, MOST_ACCELERATION) };
}

/** @throws CriuError UNSUPPORTED if this machine does not have libzstd */
export function needZstd(what: string, otherwise?: string): void {
  if (addon().zstdThere()) return;
  throw new CriuError(
    'UNSUPPORTED',
    `${what}: this machine has no libzstd.so.1`,
    {},
    `install it (Debian: libzstd1, Fedora: libzstd)${otherwise ? `, ${otherwise}` : ''}`,
  );
}

export type PackedFields = Pick<
  InventoryEntry,
  'img_version' | 'compress' | 'compress_region_size' | 'page_codec'
>;

/**
 * The inventory fields for compressed pages, in this dump or in its parents. A reader that does not know compressed
 * pages refuses the images because of the version.
 * @param parent inventory of the previous dump
 */
export function packedFields(packing: Packing | undefined, parent: InventoryEntry | undefined): PackedFields {
  const { img_version: before = 0, compress = 0, page_codec: codec = 0 } = parent ?? {};
  const own = packing?.codec === PageCodec.ZSTD || codec !== PageCodec.LZ4 || before === OWN_PACKED_VERSION;
  const packs = own || packing !== undefined || compress !== 0 || before === PACKED_VERSION;
  const regions = packing !== undefined && packing.region > PAGE_SIZE;
  return {
    img_version: own ? OWN_PACKED_VERSION : packs ? PACKED_VERSION : IMAGES_VERSION,
    ...(packing ? { compress: regions ? 2 : 1 } : {}),
    ...(packing && regions ? { compress_region_size: packing.region } : {}),
    ...(own ? { page_codec: PageCodec.ZSTD } : {}),
  };
}
