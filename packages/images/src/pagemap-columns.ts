// Pagemaps as columns of numbers, for pagemaps whose entries only have an address, a length and flags. There can be as
// many entries as pages, so entry objects are only created for callers that ask for them.
import type { Buffer } from 'node:buffer';
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

const known = new WeakMap<Pagemap, PagemapColumns>();

/** The columns of a pagemap. Undefined once its entries were read, since the caller may have changed them. */
export function columnsOf(pagemap: Pagemap): PagemapColumns | undefined {
  return known.get(pagemap);
}

/** Creates a pagemap that creates its entries on first access. */
export function columnPagemap(head: PagemapHead, columns: PagemapColumns): Pagemap {
  let entries: PagemapEntry[] | undefined;
  const pagemap = {
    head,
    get entries() {
      known.delete(pagemap);
      entries ??= entriesOf(columns);
      return entries;
    },
    set entries(changed) {
      known.delete(pagemap);
      entries = changed;
    },
  };
  known.set(pagemap, columns);
  return pagemap;
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

/** Decodes varints of the wire format. */
class Varints {
  /** False after a varint that was truncated or too long. */
  sound = true;

  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  /** The next varint. Values above 2^53 are rounded. */
  next(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 64; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    this.sound = false;
    return 0;
  }
}

/**
 * Decodes the entries that follow the head of a pagemap. Returns undefined if an entry has other fields or is
 * malformed; the general decoder then reads it or reports the fault.
 */
export function columnsFrom(bytes: Buffer, from: number): PagemapColumns | undefined {
  const most = Math.floor((bytes.length - from) / LEAST_BYTES);
  const starts = new Float64Array(most);
  const ends = new Float64Array(most);
  const flags = new Uint8Array(most);
  const numbers = new Varints(bytes, from);
  let count = 0;
  while (numbers.at < bytes.length) {
    if (count === most || numbers.at + LEAST_BYTES > bytes.length) return undefined;
    const end = numbers.at + 4 + bytes.readUInt32LE(numbers.at);
    numbers.at += 4;
    if (bytes[numbers.at++] !== PAGEMAP_TAGS.vaddr) return undefined;
    const start = numbers.next();
    if (bytes[numbers.at++] !== PAGEMAP_TAGS.compat || bytes[numbers.at++] !== 0) return undefined;
    if (bytes[numbers.at++] !== PAGEMAP_TAGS.flags) return undefined;
    const flag = numbers.next();
    if (bytes[numbers.at++] !== PAGEMAP_TAGS.pages) return undefined;
    const last = start + numbers.next() * PAGE_SIZE;
    if (!numbers.sound || numbers.at !== end || flag > 255 || start % PAGE_SIZE !== 0 || last > LIMIT)
      return undefined;
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
