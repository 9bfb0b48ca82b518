// How pages are packed (--compress, --compress-region), and what images say of that.
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
  /** Bytes that are packed together; whole pages. */
  readonly region: number;
  /** From 1 up: the higher, the faster and the larger. */
  readonly acceleration: number;
}

/** Bytes that are packed together, unless it is said how many. */
const REGION = 256 << 10;
const MOST_ACCELERATION = 65_536;

/** How pages are packed, if they are. @throws CriuError BAD_OPTION, UNSUPPORTED */
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

/** @throws CriuError UNSUPPORTED where the machine does not have the library */
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
 * What an inventory says of packed pages, of its own images and of those that they build on: readers that do not know them
 * refuse the version.
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
