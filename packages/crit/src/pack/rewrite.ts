// Compresses the pages of a checkpoint, or decompresses them. All new files are complete before an old one is replaced.
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import {
  encodeImage,
  encodePagemap,
  IMAGES_VERSION,
  ImageError,
  ImageSet,
  layoutOf,
  MOST_REGION,
  OWN_PACKED_VERSION,
  PACKED_VERSION,
  PAGE_SIZE,
  PageCodec,
  PageMemory,
  type PagemapEntry,
  PagemapFlags,
  packLz4,
  pageCount,
  pageFlags,
  pagesFile,
  parseFileName,
  pathArg,
  readImageSync,
  readPagemapSync,
} from '@criu/images';
import { packZstd } from './zstd.js';

/** Bytes of one piece of plain pages. */
const PIECE = 1 << 20;
/** Bytes that are read before they are compressed and written. */
const GROUP = 16 << 20;

export interface Repacked {
  /** Bytes of the pages images before and after. */
  readonly before: number;
  readonly after: number;
  /** Number of rewritten pages images. */
  readonly images: number;
}

/** Files with temporary names until all are complete. */
class NewFiles {
  private readonly made: string[] = [];

  open(path: string): number {
    // Left by an interrupted run, or a link of another user.
    rmSync(pathArg(part(path)), { force: true });
    this.made.push(path);
    return openSync(pathArg(part(path)), 'wx', 0o600);
  }

  write(path: string, bytes: Uint8Array): void {
    const fd = this.open(path);
    try {
      writeAll(fd, bytes);
    } finally {
      closeSync(fd);
    }
  }

  commit(): void {
    for (const path of this.made.splice(0)) renameSync(pathArg(part(path)), pathArg(path));
  }

  discard(): void {
    for (const path of this.made.splice(0)) rmSync(pathArg(part(path)), { force: true });
  }
}

const part = (path: string) => `${path}.part`;

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** How to compress pages; undefined: store them plain. */
interface Packing {
  /** Bytes that are compressed together. */
  readonly region: number;
  /** One of `PageCodec`. */
  readonly codec: number;
}

/** Pages of an entry that are compressed or copied together. */
interface Piece {
  readonly entry: PagemapEntry;
  /** Offset of the first byte in the decompressed image. */
  readonly start: number;
  readonly length: number;
}

/** The pieces as stored: a block of zeros is empty, and a block that compression does not shorten is plain. */
function packAll(plain: readonly Uint8Array[], codec: number): Uint8Array[] {
  const full = plain.map((bytes) => bytes.some((byte) => byte !== 0));
  const wanted = plain.filter((_, i) => full[i]);
  const packed = codec === PageCodec.ZSTD ? packZstd(wanted) : wanted.map(packLz4);
  let next = 0;
  return plain.map((bytes, i) => {
    if (!full[i]) return new Uint8Array();
    const block = packed[next++];
    return block && block.length < bytes.length ? block : bytes;
  });
}

/** Pieces in groups of about 16 MiB. */
function* grouped(pieces: readonly Piece[]): Generator<readonly Piece[]> {
  let group: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    group.push(piece);
    bytes += piece.length;
    if (bytes < GROUP) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  yield group;
}

/** Rewrites the pages of one pagemap. @throws ImageError */
function rewriteMemory(files: NewFiles, set: ImageSet, name: string, packing: Packing | undefined): Repacked {
  const mapFile = set.path(name);
  const pagemap = readPagemapSync(mapFile);
  const file = pagesFile(set.dir, pagemap);
  const before = statSync(pathArg(file)).size;
  const layout = layoutOf(pagemap.entries, mapFile);
  if (before < layout.bytes)
    throw new ImageError('truncated', `the pages image has ${before} of ${layout.bytes} bytes`, file);
  const memory = new PageMemory({ file, mapFile, pagemap });
  const pieces: Piece[] = [];
  let plain = 0;
  const entries = pagemap.entries.map((entry): PagemapEntry => {
    const { compressed_size: _, total_compressed_size: __, region_pages: ___, ...rest } = entry;
    const flags = pageFlags(entry) & ~PagemapFlags.ALIGNED;
    const out: PagemapEntry = {
      ...rest,
      compressed_size: [],
      ...(entry.flags === undefined ? {} : { flags }),
    };
    if (!(flags & PagemapFlags.PRESENT)) return out;
    const end = plain + Number(pageCount(entry)) * PAGE_SIZE;
    for (const step = packing?.region ?? PIECE; plain < end; plain += Math.min(step, end - plain))
      pieces.push({ entry: out, start: plain, length: Math.min(step, end - plain) });
    if (packing) out.total_compressed_size = 0n;
    if (packing && packing.region > PAGE_SIZE) out.region_pages = packing.region / PAGE_SIZE;
    return out;
  });
  const fd = files.open(file);
  let after = 0;
  let kept: number = PageCodec.LZ4;
  try {
    for (const group of grouped(pieces)) {
      const bytes = group.map(({ start, length }) => {
        const out = Buffer.alloc(length);
        memory.readAt(out, start);
        return out;
      });
      const blocks = packing ? packAll(bytes, packing.codec) : bytes;
      for (const [i, { entry, length }] of group.entries()) {
        const block = blocks[i] ?? new Uint8Array();
        writeAll(fd, block);
        after += block.length;
        if (!packing) continue;
        if (block.length > 0 && block.length < length) kept = packing.codec;
        entry.compressed_size.push(block.length);
        entry.total_compressed_size = (entry.total_compressed_size ?? 0n) + BigInt(block.length);
      }
    }
    const { page_codec: _, ...head } = pagemap.head;
    files.write(
      mapFile,
      encodePagemap(kept === PageCodec.LZ4 ? head : { ...head, page_codec: kept }, entries),
    );
  } finally {
    closeSync(fd);
    memory.close();
  }
  return { before, after, images: 1 };
}

function pagemapsOf(set: ImageSet): string[] {
  const seen = new Map<number, string>();
  const names = set.names().filter((name) => {
    const parsed = parseFileName(name);
    return parsed.is === 'image' && parsed.kind === 'PAGEMAP';
  });
  for (const name of names) {
    const { pages_id: id } = readPagemapSync(set.path(name)).head;
    const other = seen.get(id);
    if (other !== undefined)
      throw new ImageError('bad-value', `its pages image is that of ${other}, too`, set.path(name));
    seen.set(id, name);
  }
  return names;
}

/** The codecs (`PageCodec`) of the parent checkpoints. */
function buildsOn(set: ImageSet): Set<number> {
  const codecs = new Set<number>();
  for (let up = set.parent(); up; up = up.parent())
    for (const name of up.names()) {
      const parsed = parseFileName(name);
      if (parsed.is !== 'image' || parsed.kind !== 'PAGEMAP') continue;
      const { entries, head } = readPagemapSync(up.path(name));
      if (layoutOf(entries, name).blocks) codecs.add(head.page_codec ?? PageCodec.LZ4);
    }
  return codecs;
}

/**
 * Rewrites the pages of a checkpoint, compressed in regions of so many bytes, or plain. Its parents do not change, and
 * checkpoints that build on it stay valid.
 * @param region bytes that are compressed together, whole pages; undefined to decompress
 * @param codec one of `PageCodec`; no version of CRIU reads ZSTD
 * @throws ImageError, RangeError
 */
export function rewritePages(
  dir: string,
  region: number | undefined,
  codec: number = PageCodec.LZ4,
): Repacked {
  if (region !== undefined && (region < PAGE_SIZE || region % PAGE_SIZE !== 0 || region > MOST_REGION))
    throw new RangeError(`pages cannot be packed by ${region} bytes: whole pages, at most ${MOST_REGION}`);
  const packing = region === undefined ? undefined : { region, codec };
  const set = new ImageSet(dir);
  const files = new NewFiles();
  try {
    const all = pagemapsOf(set).map((name) => rewriteMemory(files, set, name, packing));
    const inventory = set.path('inventory.img');
    const [first] = readImageSync(inventory, 'INVENTORY');
    if (!first) throw new ImageError('truncated', 'it has no entry', inventory);
    const { compress: _, compress_region_size: __, page_codec: ___, ...entry } = first.entry;
    const regions = region !== undefined && region > PAGE_SIZE;
    // The inventory of a pre-dump has version 0.
    const before = buildsOn(set);
    const own = packing?.codec === PageCodec.ZSTD || before.has(PageCodec.ZSTD);
    const packed = packing !== undefined || before.size > 0;
    const version = own ? OWN_PACKED_VERSION : packed ? PACKED_VERSION : IMAGES_VERSION;
    const changed = {
      ...entry,
      img_version: entry.img_version === 0 ? 0 : version,
      ...(region === undefined ? {} : { compress: regions ? 2 : 1 }),
      ...(regions ? { compress_region_size: region } : {}),
      ...(own ? { page_codec: PageCodec.ZSTD } : {}),
    };
    files.write(inventory, encodeImage('INVENTORY', [{ entry: changed }]));
    files.commit();
    return all.reduce(
      (sum, { before, after, images }) => ({
        before: sum.before + before,
        after: sum.after + after,
        images: sum.images + images,
      }),
      { before: 0, after: 0, images: 0 },
    );
  } finally {
    files.discard();
  }
}
