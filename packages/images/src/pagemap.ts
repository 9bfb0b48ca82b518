// Pagemap images: one head, then runs of pages in the order of the pages image that the head names.

import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { pathArg } from './bytes.js';
import { codecs } from './codec.generated.js';
import type { Encodable } from './codec-with.js';
import { ImageEncoder } from './encoder.js';
import { ImageError } from './errors.js';
import { decodeImage, encodeImage, type ImageItem, ioError } from './image.js';
import { IMG_COMMON } from './kinds.js';
import { Reader } from './reader.js';
import type { PagemapEntry, PagemapHead } from './types.generated.js';
import type { Writer } from './writer.js';

/** Bytes of a page: of images, and of x86_64. */
export const PAGE_SIZE = 4096;
/** The same for addresses. */
export const PAGE = 4096n;

/** Bits of `pagemap_entry.flags`. */
export const PagemapFlags = {
  /** The pages lie in the parent checkpoint. */
  PARENT: 1,
  /** The pages may be fetched after restore. */
  LAZY: 2,
  /** The pages lie in this checkpoint's pages image. */
  PRESENT: 4,
  /** In packed images: the pages begin at the next page boundary of the pages image. */
  ALIGNED: 8,
} as const;

export interface Pagemap {
  head: PagemapHead;
  entries: PagemapEntry[];
}

/** Bytes of the magics before the first entry. */
const MAGICS = 8;

/** @throws ImageError for anything that is not a complete pagemap */
export function decodePagemap(bytes: Buffer, file?: string): Pagemap {
  const headEnd = bytes.length < MAGICS + 4 ? 0 : MAGICS + 4 + bytes.readInt32LE(MAGICS);
  const headed = headEnd > MAGICS + 4 && headEnd <= bytes.length && bytes.readUInt32LE(0) === IMG_COMMON;
  const items = decodeImage('PAGEMAP', headed ? bytes.subarray(0, headEnd) : bytes, file);
  const head = items.shift();
  if (head === undefined) throw new ImageError('truncated', 'a pagemap without its head', file, bytes.length);
  const entries = headed ? runsFrom(bytes, headEnd, file) : items.map((item) => item.entry as PagemapEntry);
  return { head: head.entry as PagemapHead, entries };
}

/** The runs alone, of which there can be as many as pages: without what other images have of payloads and kinds. */
function runsFrom(bytes: Buffer, start: number, file: string | undefined): PagemapEntry[] {
  const out: PagemapEntry[] = [];
  const { create, read } = codecs.PagemapEntry;
  const reader = new Reader(bytes, start, start, file);
  for (let pos = start; pos < bytes.length; ) {
    const size = pos + 4 <= bytes.length ? bytes.readInt32LE(pos) : undefined;
    if (size !== undefined && size < 0)
      throw new ImageError('bad-size', `an entry of ${size} bytes`, file, pos);
    const end = pos + 4 + (size ?? 0);
    if (size === undefined || end > bytes.length) {
      const what = size === undefined ? 'the size of an entry' : `an entry of ${size} bytes`;
      throw new ImageError('truncated', `the file ends inside ${what}`, file, bytes.length);
    }
    reader.pos = pos + 4;
    reader.end = end;
    const entry = create();
    read(reader, entry);
    out.push(entry);
    pos = end;
  }
  return out;
}

export function encodePagemap(
  head: Encodable<PagemapHead>,
  entries: readonly Encodable<PagemapEntry>[],
): Buffer {
  return encodeImage('PAGEMAP', [{ entry: head }, ...entries.map((entry) => ({ entry }))]);
}

/** Runs of pages in columns: there can be as many of them as pages. Addresses, and ends of runs, are whole pages below 2^63. */
export interface PagemapColumns {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly flags: Uint8Array;
}

/** The same as `encodePagemap` of such entries. */
export function encodePagemapColumns(
  head: Encodable<PagemapHead>,
  { starts, ends, flags }: PagemapColumns,
): Buffer {
  const encoder = new ImageEncoder('PAGEMAP');
  encoder.item(head);
  let i = 0;
  const write = (w: Writer): boolean => {
    const [start = 0, end = 0, flag = 0] = [starts[i], ends[i], flags[i]];
    w.safe64(VADDR, start);
    w.safe64(COMPAT_NR_PAGES, 0);
    w.safe64(FLAGS, flag);
    w.safe64(NR_PAGES, (end - start) / PAGE_SIZE);
    return true;
  };
  for (; i < flags.length; i++) encoder.encoded(write);
  return encoder.take();
}

/** The same as reading it would give it. */
export function pagemapItems(
  head: PagemapHead,
  { starts, ends, flags }: PagemapColumns,
): ImageItem<object>[] {
  const items: ImageItem<object>[] = [{ entry: head }];
  for (let i = 0; i < flags.length; i++) {
    const [start = 0, end = 0, flag = 0] = [starts[i], ends[i], flags[i]];
    const entry: PagemapEntry = {
      vaddr: BigInt(start),
      compat_nr_pages: 0,
      compressed_size: [],
      flags: flag,
      nr_pages: BigInt((end - start) / PAGE_SIZE),
    };
    items.push({ entry });
  }
  return items;
}

/** Tags of the wire format: the number of the field, and that it is a varint. */
const [VADDR, COMPAT_NR_PAGES, FLAGS, NR_PAGES] = [1 << 3, 2 << 3, 4 << 3, 5 << 3] as const;

export function readPagemapSync(path: string): Pagemap {
  let bytes: Buffer;
  try {
    bytes = readFileSync(pathArg(path));
  } catch (error) {
    throw ioError('read', path, error);
  }
  return decodePagemap(bytes, path);
}

/** Number of pages in a run; images of CRIU before 4.0 have it in 32 bits only. */
export function pageCount(entry: PagemapEntry): bigint {
  return entry.nr_pages ?? BigInt(entry.compat_nr_pages);
}

/** Flags of a run; images of CRIU before 3.0 say only whether the pages are in the parent. */
export function pageFlags(entry: PagemapEntry): number {
  return entry.flags ?? (entry.in_parent ? PagemapFlags.PARENT : PagemapFlags.PRESENT);
}
