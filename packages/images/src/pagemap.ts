// Pagemap images: a head, and then runs of pages in the order of the pages image named in the head.

import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { pathArg } from './bytes.js';
import { codecs } from './codec.generated.js';
import type { Encodable } from './codec-with.js';
import { ImageError } from './errors.js';
import { decodeImage, encodeImage, ioError } from './image.js';
import { IMG_COMMON } from './kinds.js';
import { PAGE_SIZE } from './page.js';
import {
  columnPagemap,
  columnsFrom,
  columnsOf,
  encodeColumns,
  type PagemapColumns,
} from './pagemap-columns.js';
import { Reader } from './reader.js';
import type { PagemapEntry, PagemapHead } from './types.generated.js';

/** Bits of `pagemap_entry.flags`. */
export const PagemapFlags = {
  /** The pages are in the parent checkpoint. */
  PARENT: 1,
  /** The pages may be fetched after the restore. */
  LAZY: 2,
  /** The pages are in the pages image of this checkpoint. */
  PRESENT: 4,
  /** In compressed images: the pages begin at the next page boundary of the pages image. */
  ALIGNED: 8,
} as const;

export interface Pagemap {
  head: PagemapHead;
  entries: PagemapEntry[];
}

/** Bytes of the magics before the first entry. */
const MAGICS = 8;

/** Decodes a pagemap image. @throws ImageError if the bytes are no complete pagemap */
export function decodePagemap(bytes: Buffer, file?: string): Pagemap {
  const headEnd = bytes.length < MAGICS + 4 ? 0 : MAGICS + 4 + bytes.readInt32LE(MAGICS);
  const headed = headEnd > MAGICS + 4 && headEnd <= bytes.length && bytes.readUInt32LE(0) === IMG_COMMON;
  const items = decodeImage('PAGEMAP', headed ? bytes.subarray(0, headEnd) : bytes, file);
  const head = items.shift();
  if (head === undefined) throw new ImageError('truncated', 'a pagemap without its head', file, bytes.length);
  const columns = headed ? columnsFrom(bytes, headEnd) : undefined;
  if (columns) return columnPagemap(head.entry as PagemapHead, columns);
  const entries = headed ? runsFrom(bytes, headEnd, file) : items.map((item) => item.entry as PagemapEntry);
  return { head: head.entry as PagemapHead, entries };
}

/**
 * Decodes only the runs. There can be one for each page, so this does without the general code for payloads and kinds.
 */
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

/** The result of `encodePagemap` for the same runs. */
export function encodePagemapColumns(head: Encodable<PagemapHead>, columns: PagemapColumns): Buffer {
  return Buffer.concat([encodePagemap(head, []), encodeColumns(columns)]);
}

export function readPagemapSync(path: string): Pagemap {
  let bytes: Buffer;
  try {
    bytes = readFileSync(pathArg(path));
  } catch (error) {
    throw ioError('read', path, error);
  }
  return decodePagemap(bytes, path);
}

/** Number of pages in a run. Images of CRIU before 4.0 have only the 32-bit field. */
export function pageCount(entry: PagemapEntry): bigint {
  return entry.nr_pages ?? BigInt(entry.compat_nr_pages);
}

/** Flags of a run. Images of CRIU before 3.0 have only `in_parent`. */
export function pageFlags(entry: PagemapEntry): number {
  return entry.flags ?? (entry.in_parent ? PagemapFlags.PARENT : PagemapFlags.PRESENT);
}

/** Number of pages of all entries of a pagemap, wherever the pages are stored. */
export function totalPages(pagemap: Pagemap): number {
  const columns = columnsOf(pagemap);
  if (!columns) return pagemap.entries.reduce((sum, entry) => sum + Number(pageCount(entry)), 0);
  let bytes = 0;
  for (let i = 0; i < columns.flags.length; i++) bytes += (columns.ends[i] ?? 0) - (columns.starts[i] ?? 0);
  return bytes / PAGE_SIZE;
}
