// Pagemap images: one head, then runs of pages in the order of the pages image that the head names.

import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { pathArg } from './bytes.js';
import type { Encodable } from './codec-with.js';
import { ImageError } from './errors.js';
import { decodeImage, encodeImage, ioError } from './image.js';
import type { PagemapEntry, PagemapHead } from './types.generated.js';

export const PAGE_SIZE = 4096;

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

export function decodePagemap(bytes: Buffer, file?: string): Pagemap {
  const items = decodeImage('PAGEMAP', bytes, file);
  const head = items.shift();
  if (head === undefined) throw new ImageError('truncated', 'a pagemap without its head', file, bytes.length);
  return { head: head.entry as PagemapHead, entries: items.map((item) => item.entry as PagemapEntry) };
}

export function encodePagemap(
  head: Encodable<PagemapHead>,
  entries: readonly Encodable<PagemapEntry>[],
): Buffer {
  return encodeImage('PAGEMAP', [{ entry: head }, ...entries.map((entry) => ({ entry }))]);
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

/** Number of pages in a run; images of CRIU before 4.0 have it in 32 bits only. */
export function pageCount(entry: PagemapEntry): bigint {
  return entry.nr_pages ?? BigInt(entry.compat_nr_pages);
}

/** Flags of a run; images of CRIU before 3.0 say only whether the pages are in the parent. */
export function pageFlags(entry: PagemapEntry): number {
  return entry.flags ?? (entry.in_parent ? PagemapFlags.PARENT : PagemapFlags.PRESENT);
}
