// Packs the pages of a checkpoint, or unpacks them. New files are complete before any of the old ones is replaced.
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

/** Pages that are as they are come in pieces of so many bytes. */
const PIECE = 1 << 20;

export interface Repacked {
  /** Bytes of the pages images before and after. */
  readonly before: number;
  readonly after: number;
  /** Pages images that were written anew. */
  readonly images: number;
}

/** Files that are written under other names until all are there. */
class NewFiles {
  private readonly made: string[] = [];

  open(path: string): number {
    // What a run that was ended has left, or somebody else's link.
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

/** Pages of one entry, as they are to be kept. */
function* repack(
  memory: PageMemory,
  start: number,
  length: number,
  region: number | undefined,
): Generator<Uint8Array> {
  const step = region ?? PIECE;
  for (let at = 0; at < length; at += step) {
    const bytes = Buffer.alloc(Math.min(step, length - at));
    memory.readAt(bytes, start + at);
    if (region === undefined) yield bytes;
    else if (bytes.every((byte) => byte === 0)) yield new Uint8Array();
    else yield packLz4(bytes) ?? bytes;
  }
}

/** @param region bytes that are packed together; undefined to unpack. @throws ImageError */
function rewriteMemory(files: NewFiles, set: ImageSet, name: string, region: number | undefined): Repacked {
  const mapFile = set.path(name);
  const pagemap = readPagemapSync(mapFile);
  const file = pagesFile(set.dir, pagemap);
  const before = statSync(pathArg(file)).size;
  const layout = layoutOf(pagemap.entries, mapFile);
  if (before < layout.bytes)
    throw new ImageError('truncated', `the pages image has ${before} of ${layout.bytes} bytes`, file);
  const memory = new PageMemory({ file, mapFile, pagemap });
  const fd = files.open(file);
  let after = 0;
  try {
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
      const length = Number(pageCount(entry)) * PAGE_SIZE;
      const begin = after;
      for (const bytes of repack(memory, plain, length, region)) {
        writeAll(fd, bytes);
        after += bytes.length;
        if (region !== undefined) out.compressed_size.push(bytes.length);
      }
      plain += length;
      if (region !== undefined) out.total_compressed_size = BigInt(after - begin);
      if (region !== undefined && region > PAGE_SIZE) out.region_pages = region / PAGE_SIZE;
      return out;
    });
    const { page_codec: _, ...head } = pagemap.head;
    files.write(mapFile, encodePagemap(head, entries));
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

/** How pages of the checkpoints are packed that this one builds on: codecs of `PageCodec`. */
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
 * Writes the pages of a checkpoint anew: packed by so many bytes, or as they are. Checkpoints that it builds on stay as they
 * are; those that build on it do not notice. @throws ImageError
 */
export function rewritePages(dir: string, region: number | undefined): Repacked {
  if (region !== undefined && (region < PAGE_SIZE || region % PAGE_SIZE !== 0 || region > MOST_REGION))
    throw new RangeError(`pages cannot be packed by ${region} bytes: whole pages, at most ${MOST_REGION}`);
  const set = new ImageSet(dir);
  const files = new NewFiles();
  try {
    const all = pagemapsOf(set).map((name) => rewriteMemory(files, set, name, region));
    const inventory = set.path('inventory.img');
    const [first] = readImageSync(inventory, 'INVENTORY');
    if (!first) throw new ImageError('truncated', 'it has no entry', inventory);
    const { compress: _, compress_region_size: __, page_codec: ___, ...entry } = first.entry;
    const regions = region !== undefined && region > PAGE_SIZE;
    // That of a pre-dump says nothing of versions.
    const before = buildsOn(set);
    const own = before.has(PageCodec.ZSTD);
    const packed = region !== undefined || before.size > 0;
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
