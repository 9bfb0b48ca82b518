// Pagemaps as columns of numbers, for pagemaps whose entries only have an address, a length and flags. There can be as
// many entries as pages, so entry objects are only created for callers that ask for them.
import { Buffer } from 'node:buffer';
import { PAGE_SIZE } from './page.js';
import type { Pagemap } from './pagemap.js';
import type { PagemapEntry, PagemapHead } from './types.generated.js';

/**
 * The runs of a pagemap. Addresses are multiples of the page size below 2^63, which a double represents exactly.
 */
export interface PagemapColumns {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly flags: Uint8Array;
}

/** Tags of the wire format: the field number and the wire type varint. */
export const PAGEMAP_TAGS = { vaddr: 1 << 3, compat: 2 << 3, flags: 4 << 3, pages: 5 << 3 } as const;

/** Minimum bytes of an encoded entry: its size, and two bytes for each of its four fields. */
const LEAST_BYTES = 12;
/** A double represents all integers up to this one; larger addresses in images are left to the general decoder. */
const LIMIT = 2 ** 53;

/**
 * A pagemap that creates its entries on first access. It has its columns until then: afterwards only the entries count,
 * since the caller may change them.
 */
class ColumnPagemap implements Pagemap {
  declare entries: PagemapEntry[];
  #columns: PagemapColumns | undefined;

  constructor(
    public head: PagemapHead,
    columns: PagemapColumns,
  ) {
    this.#columns = columns;
    let entries: PagemapEntry[] | undefined;
    // An own property, so that copies and JSON have the entries.
    Object.defineProperty(this, 'entries', {
      enumerable: true,
      get: () => {
        this.#columns = undefined;
        entries ??= entriesOf(columns);
        return entries;
      },
      set: (changed: PagemapEntry[]) => {
        this.#columns = undefined;
        entries = changed;
      },
    });
  }

  static columns(pagemap: Pagemap): PagemapColumns | undefined {
    return #columns in pagemap ? pagemap.#columns : undefined;
  }
}

/** The columns of a pagemap. Undefined once its entries were read, since the caller may have changed them. */
export function columnsOf(pagemap: Pagemap): PagemapColumns | undefined {
  return ColumnPagemap.columns(pagemap);
}

/** Creates a pagemap that creates its entries on first access. */
export function columnPagemap(head: PagemapHead, columns: PagemapColumns): Pagemap {
  return new ColumnPagemap(head, columns);
}

function entriesOf({ starts, ends, flags }: PagemapColumns): PagemapEntry[] {
  return Array.from(flags, (flag, i) => {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    return {
      vaddr: BigInt(start),
      compat_nr_pages: 0,
      compressed_size: [],
      flags: flag,
      nr_pages: BigInt((end - start) / PAGE_SIZE),
    };
  });
}

/** Bytes of a varint for an address or a length below 2^63, and of an entry with one such varint for each field. */
const VARINT_BYTES = 9;
const MOST_BYTES = 8 + 4 * VARINT_BYTES;

/**
 * Encodes the entries that follow the head of a pagemap. One loop without calls, since there can be an entry for each
 * page.
 */
export function encodeColumns({ starts, ends, flags }: PagemapColumns): Buffer {
  const count = flags.length;
  const bytes = Buffer.allocUnsafe(count * MOST_BYTES);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? 0;
    const begin = at;
    at += 4;
    let value = start;
    bytes[at++] = PAGEMAP_TAGS.vaddr;
    for (; value > 127; value = Math.floor(value / 128)) bytes[at++] = (value % 128) | 128;
    bytes[at++] = value;
    bytes[at++] = PAGEMAP_TAGS.compat;
    bytes[at++] = 0;
    value = flags[i] ?? 0;
    bytes[at++] = PAGEMAP_TAGS.flags;
    if (value > 127) {
      bytes[at++] = value | 128;
      value >>= 7;
    }
    bytes[at++] = value;
    value = ((ends[i] ?? 0) - start) / PAGE_SIZE;
    bytes[at++] = PAGEMAP_TAGS.pages;
    for (; value > 127; value = Math.floor(value / 128)) bytes[at++] = (value % 128) | 128;
    bytes[at++] = value;
    // The size of the entry, which is below 256.
    bytes[begin] = at - begin - 4;
    bytes[begin + 1] = bytes[begin + 2] = bytes[begin + 3] = 0;
  }
  return bytes.subarray(0, at);
}

/**
 * Decodes the entries that follow the head of a pagemap. Returns undefined if an entry has other fields or is
 * malformed; the general decoder then reads it or reports the fault. One loop without calls, as for encoding.
 */
export function columnsFrom(bytes: Buffer, from: number): PagemapColumns | undefined {
  const most = Math.floor((bytes.length - from) / LEAST_BYTES);
  const starts = new Float64Array(most);
  const ends = new Float64Array(most);
  const flags = new Uint8Array(most);
  const { length } = bytes;
  let at = from;
  let count = 0;
  while (at < length) {
    if (count === most || at + LEAST_BYTES > length) return undefined;
    // An entry is shorter than 128 bytes. A byte behind the end of the file reads as 128, so that no varint ends there.
    const end = at + 4 + (bytes[at] ?? 0);
    if ((bytes[at + 1] ?? 1) | (bytes[at + 2] ?? 1) | (bytes[at + 3] ?? 1) || end > length) return undefined;
    at += 4;
    if (bytes[at++] !== PAGEMAP_TAGS.vaddr) return undefined;
    let byte = bytes[at++] ?? 128;
    let start = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      if (scale > LIMIT) return undefined;
      byte = bytes[at++] ?? 128;
      start += (byte & 127) * scale;
    }
    if (bytes[at++] !== PAGEMAP_TAGS.compat || bytes[at++] !== 0) return undefined;
    if (bytes[at++] !== PAGEMAP_TAGS.flags) return undefined;
    const flag = bytes[at++] ?? 128;
    if (flag > 127 || bytes[at++] !== PAGEMAP_TAGS.pages) return undefined;
    byte = bytes[at++] ?? 128;
    let pages = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      if (scale > LIMIT) return undefined;
      byte = bytes[at++] ?? 128;
      pages += (byte & 127) * scale;
    }
    const last = start + pages * PAGE_SIZE;
    if (at !== end || start % PAGE_SIZE !== 0 || last > LIMIT) return undefined;
    starts[count] = start;
    ends[count] = last;
    flags[count++] = flag;
  }
  return {
    starts: starts.subarray(0, count),
    ends: ends.subarray(0, count),
    flags: flags.subarray(0, count),
  };
}
