// The image of an address space with its mappings in columns. There may be ten thousands of mappings, most of which
// differ from others in nothing but their addresses; these are encoded and decoded without an object for each.
import { Buffer } from 'node:buffer';
import { codecs } from './codec.generated.js';
import type { Encodable } from './codec-with.js';
import { ImageError } from './errors.js';
import { decodeImage, encodeImage } from './image.js';
import { IMG_COMMON, kinds } from './kinds.js';
import { PAGE_SIZE } from './page.js';
import { RangeTable } from './range-table.js';
import { Reader } from './reader.js';
import type { MmEntry, VmaEntry } from './types.generated.js';
import { Writer } from './writer.js';

/** What an entry tells of a mapping but its addresses. */
export type VmaAttributes = Omit<VmaEntry, 'start' | 'end'>;
export type VmaTable = RangeTable<VmaAttributes>;

/** An address space with its mappings as a table. */
export interface MmTable extends Omit<MmEntry, 'vmas'> {
  readonly vmas: VmaTable;
}

/** Bytes of the two magics and of the size of the only entry. */
const MAGICS = 8;
const HEAD = MAGICS + 4;
const VARINT = 0;
const LENGTH = 2;
/** Tag of `mm_entry.vmas`, and those of the first two fields of a mapping. */
const VMAS = (14 << 3) | LENGTH;
const START = 1 << 3;
const END = 2 << 3;
/** Bytes of two addresses that are zero, with their tags. */
const NO_ADDRESSES = 4;
/** Most bytes of tag and length of a mapping, and of its two addresses with their tags. */
const MOST_BYTES = 1 + 5 + 2 * 11;
/** Stands for an address that a message does not have; no address of 64 bits. */
const NONE = -1n;

/** A table of mappings that exist as entries. @throws ImageError for addresses that no mapping can have */
export function vmaTable(entries: readonly VmaEntry[], file = ''): VmaTable {
  const table: VmaTable = new RangeTable();
  for (const { start, end, ...attributes } of entries) {
    if (BigInt(Number(start)) !== start || BigInt(Number(end)) !== end)
      throw new ImageError(
        'bad-value',
        `the mapping 0x${start.toString(16)}-0x${end.toString(16)} is not possible`,
        file,
      );
    table.add(Number(start), Number(end), table.attribute(attributes));
  }
  return table;
}

/** Encodes the image of an address space. @throws ImageError */
export function encodeMmTable(mm: Encodable<Omit<MmEntry, 'vmas'>>, vmas: VmaTable): Buffer {
  const others = encodeImage('MM', [{ entry: { ...mm, vmas: [] } }]);
  let at = HEAD;
  // Fields are in the order of their numbers. Unknown ones are the last, and may be of any wire type.
  while ((others[at] ?? VMAS) < VMAS) {
    const behind = behindField(others, at, others.length);
    if (behind < 0) break;
    at = behind;
  }
  const bytes = Buffer.concat([others.subarray(0, at), encodeVmas(vmas), others.subarray(at)]);
  bytes.writeInt32LE(bytes.length - HEAD, MAGICS);
  return bytes;
}

/** Encoded messages of which only the bytes behind the addresses count, one behind the other. */
interface Tails {
  readonly bytes: Buffer;
  /** Where each begins, and the end of the last one. */
  readonly places: Uint32Array;
}

function encodeAttributes(all: readonly VmaAttributes[]): Tails {
  const writer = new Writer(4096);
  const places = new Uint32Array(all.length + 1);
  for (let i = 0; i < all.length; i++) {
    codecs.VmaEntry.write(writer, { ...(all[i] as VmaAttributes), start: 0n, end: 0n });
    places[i + 1] = writer.length;
  }
  return { bytes: writer.finish(), places };
}

/** Number of bytes of an address as a varint. */
function varintSize(value: number): number {
  let size = 1;
  for (let limit = 128; value >= limit; limit *= 128) size++;
  return size;
}

/** Writes a varint of up to 64 bits. @returns the position behind it */
function putVarint(bytes: Buffer, at: number, value: number): number {
  let to = at;
  let rest = value;
  // The lower 28 bits as four bytes: they are a small integer of V8, which needs no allocation.
  while (rest >= 0x1000_0000) {
    const high = Math.floor(rest / 0x1000_0000);
    const low = rest - high * 0x1000_0000;
    bytes[to] = low | 128;
    bytes[to + 1] = (low >> 7) | 128;
    bytes[to + 2] = (low >> 14) | 128;
    bytes[to + 3] = (low >> 21) | 128;
    to += 4;
    rest = high;
  }
  for (; rest > 127; rest >>= 7) bytes[to++] = (rest & 127) | 128;
  bytes[to++] = rest;
  return to;
}

function encodeVmas(vmas: VmaTable): Buffer {
  const { starts, ends, indexes, length } = vmas;
  const { bytes: tails, places } = encodeAttributes(vmas.attributes);
  let room = length * MOST_BYTES;
  for (let i = 0; i < length; i++) {
    const index = indexes[i] ?? 0;
    room += (places[index + 1] ?? 0) - (places[index] ?? 0);
  }
  const bytes = Buffer.allocUnsafe(room);
  let at = 0;
  for (let i = 0; i < length; i++) {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    const index = indexes[i] ?? 0;
    const from = (places[index] ?? 0) + NO_ADDRESSES;
    const to = places[index + 1] ?? 0;
    bytes[at++] = VMAS;
    at = putVarint(bytes, at, 2 + varintSize(start) + varintSize(end) + to - from);
    bytes[at++] = START;
    at = putVarint(bytes, at, start);
    bytes[at++] = END;
    at = putVarint(bytes, at, end);
    for (let k = from; k < to; k++) bytes[at++] = tails[k] ?? 0;
  }
  return bytes.subarray(0, at);
}

/** What `varint` has read, as near as a double comes: addresses of pages are exact. */
let value = 0;

/** Reads a varint of up to 64 bits into `value`. @returns the position behind it; -1 if there is none before `end` */
function varint(bytes: Buffer, from: number, end: number): number {
  let at = from;
  value = 0;
  for (let scale = 1; at < end && scale <= 2 ** 63; scale *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return at;
  }
  return -1;
}

/** @returns the position behind a field; -1 for fields that are malformed, or of another wire type */
function behindField(bytes: Buffer, from: number, end: number): number {
  const at = varint(bytes, from, end);
  const type = value % 8;
  if (at < 0 || value < 8) return -1;
  const behind = varint(bytes, at, end);
  if (type === VARINT || behind < 0) return behind;
  return type === LENGTH && behind + value <= end ? behind + value : -1;
}

/** Whether the varint at a position is the address of a page: the lower twelve bits are zero. */
function isPage(bytes: Buffer, at: number, address: number): boolean {
  const low = ((bytes[at] ?? 0) & 127) | ((bytes[at + 1] ?? 0) << 7);
  return address === 0 || (address < 2 ** 64 && low % PAGE_SIZE === 0);
}

/** Reads mappings into a table. */
class VmaReader {
  readonly table: VmaTable = new RangeTable();
  /** Indexes of attributes by their bytes. */
  private readonly known = new Map<string, number>();

  constructor(
    private readonly bytes: Buffer,
    private readonly file: string | undefined,
  ) {}

  /** @returns false for a mapping that does not begin with its addresses, or has impossible ones */
  read(from: number, to: number): boolean {
    const { bytes } = this;
    if (bytes[from] !== START) return false;
    const second = varint(bytes, from + 1, to);
    const start = value;
    if (second < 0 || bytes[second] !== END || !isPage(bytes, from + 1, start)) return false;
    const at = varint(bytes, second + 1, to);
    const end = value;
    if (at < 0 || !isPage(bytes, second + 1, end)) return false;
    const key = bytes.toString('latin1', at, to);
    let index = this.known.get(key);
    if (index === undefined) {
      const attributes = this.attributes(at, to);
      if (!attributes) return false;
      index = this.table.attribute(attributes);
      this.known.set(key, index);
    }
    this.table.add(start, end, index);
    return true;
  }

  private attributes(from: number, to: number): VmaAttributes | undefined {
    const message = codecs.VmaEntry.create();
    message.start = NONE;
    message.end = NONE;
    codecs.VmaEntry.read(new Reader(this.bytes, from, to, this.file), message);
    const { start, end, ...attributes } = message;
    return start === NONE && end === NONE ? attributes : undefined;
  }
}

/**
 * Decodes the image of an address space.
 * @throws ImageError if the bytes are no complete image of this kind
 */
export function decodeMmTable(bytes: Buffer, file?: string): MmTable {
  const table = fromColumns(bytes, file);
  if (table) return table;
  // The general decoder reads what is unusual, and names what is wrong.
  const mm = decodeImage('MM', bytes, file)[0]?.entry;
  if (mm === undefined) throw new ImageError('truncated', 'the image has no entry', file);
  return { ...mm, vmas: vmaTable(mm.vmas, file) };
}

/** @returns undefined for images that are malformed or unusual */
function fromColumns(bytes: Buffer, file: string | undefined): MmTable | undefined {
  const { length } = bytes;
  if (length < HEAD || bytes.readUInt32LE(0) !== IMG_COMMON || bytes.readUInt32LE(4) !== kinds.MM.magic)
    return undefined;
  if (bytes.readInt32LE(MAGICS) !== length - HEAD) return undefined;
  const reader = new VmaReader(bytes, file);
  const others: Buffer[] = [bytes.subarray(0, HEAD)];
  try {
    let kept = HEAD;
    for (let at = HEAD; at < length; ) {
      const isVma = bytes[at] === VMAS;
      const from = isVma ? varint(bytes, at + 1, length) : 0;
      const to = isVma && from > 0 ? from + value : behindField(bytes, at, length);
      if (to < 0 || to > length) return undefined;
      if (isVma) {
        if (!reader.read(from, to)) return undefined;
        if (kept < at) others.push(bytes.subarray(kept, at));
        kept = to;
      }
      at = to;
    }
    others.push(bytes.subarray(kept));
    const rest = Buffer.concat(others);
    rest.writeInt32LE(rest.length - HEAD, MAGICS);
    const [item] = decodeImage('MM', rest, file);
    return item && { ...item.entry, vmas: reader.table };
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
