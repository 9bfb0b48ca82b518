// Writes the protocol buffer wire format into one growing buffer. The generated codecs call it.

import { Buffer } from 'node:buffer';
import { bytesOf } from './bytes.js';
import { ImageError } from './errors.js';
import { type HasUnknown, unknownFields } from './unknown.js';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;
/** Numbers below this fit into 31 bits when doubled. */
const SMALL = 2 ** 30;

/** What a message that many entries share was written as; undefined before it has come twice. */
interface Written {
  tag: number;
  message: object;
  bytes: Buffer | undefined;
}

export class Writer {
  private buf: Buffer;
  private pos = 0;
  private alikes: Map<unknown, Written> | undefined;

  constructor(size = 512) {
    this.buf = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.pos;
  }

  /** The bytes written so far, as a view on the buffer of the writer. */
  finish(): Buffer {
    return this.buf.subarray(0, this.pos);
  }

  /** Returns the bytes written so far, which stay valid, and continues with a new buffer. */
  take(): Buffer {
    const out = this.finish();
    this.buf = Buffer.allocUnsafe(4096);
    this.pos = 0;
    return out;
  }

  u32(tag: number, value: number | undefined, field: string): void {
    if (typeof value !== 'number' || value >>> 0 !== value) bad(value, field, 'a number from 0 to 2^32-1');
    this.pair(tag, value);
  }

  i32(tag: number, value: number | undefined, field: string): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      bad(value, field, 'a number from -2^31 to 2^31-1');
    if (value >= 0) {
      this.pair(tag, value);
      return;
    }
    this.varint(tag);
    this.varint64(value >>> 0, 0xffffffff);
  }

  s32(tag: number, value: number | undefined, field: string): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      bad(value, field, 'a number from -2^31 to 2^31-1');
    this.pair(tag, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  bool(tag: number, value: boolean | undefined, field: string): void {
    if (typeof value !== 'boolean') bad(value, field, 'a boolean');
    this.pair(tag, value ? 1 : 0);
  }

  u64(tag: number, value: bigint | undefined, field: string): void {
    if (typeof value !== 'bigint') bad(value, field, 'a bigint from 0 to 2^64-1');
    // Comparison of numbers is faster than that of bigints, and most values are exact as numbers.
    const number = Number(value);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) {
      this.number(tag, number);
      return;
    }
    if (value < 0n || value > MAX_U64) bad(value, field, 'a bigint from 0 to 2^64-1');
    this.varint(tag);
    this.big(value);
  }

  /** A `uint64` or a positive `int64` up to 2^53 - 1. */
  safe64(tag: number, value: number): void {
    if (value <= Number.MAX_SAFE_INTEGER) {
      this.number(tag, value);
      return;
    }
    this.varint(tag);
    this.big(BigInt(value));
  }

  i64(tag: number, value: bigint | undefined, field: string): void {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
      bad(value, field, 'a bigint from -2^63 to 2^63-1');
    }
    const number = Number(value);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) {
      this.number(tag, number);
      return;
    }
    this.varint(tag);
    this.big(BigInt.asUintN(64, value));
  }

  s64(tag: number, value: bigint | undefined, field: string): void {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
      bad(value, field, 'a bigint from -2^63 to 2^63-1');
    }
    const number = Number(value);
    if (number > -SMALL && number < SMALL) {
      this.pair(tag, ((number << 1) ^ (number >> 31)) >>> 0);
      return;
    }
    this.varint(tag);
    this.big(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  fixed64(tag: number, value: bigint | undefined, field: string): void {
    if (typeof value !== 'bigint' || value < 0n || value > MAX_U64)
      bad(value, field, 'a bigint from 0 to 2^64-1');
    this.varint(tag);
    this.reserve(8);
    this.buf.writeBigUInt64LE(value, this.pos);
    this.pos += 8;
  }

  bytes(tag: number, value: Uint8Array | undefined, field: string): void {
    if (!(value instanceof Uint8Array)) bad(value, field, 'a Uint8Array');
    this.varint(tag);
    this.varint(value.length);
    this.raw(value);
  }

  str(tag: number, value: string | undefined, field: string): void {
    if (typeof value !== 'string') bad(value, field, 'a string');
    this.varint(tag);
    if (/[\ud800-\udfff]/u.test(value)) {
      const bytes = bytesOf(value) ?? bad(value, field, 'text without lone surrogates');
      this.varint(bytes.length);
      this.raw(bytes);
      return;
    }
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.reserve(length);
    this.buf.write(value, this.pos, length, 'utf8');
    this.pos += length;
  }

  /** Begins a nested message. Pass the result to `end`. */
  begin(tag: number, value: object | undefined, field: string): number {
    if (typeof value !== 'object' || value === null) bad(value, field, 'an object');
    this.varint(tag);
    this.reserve(1);
    return this.pos++;
  }

  end(start: number): void {
    const length = this.pos - start - 1;
    if (length < 128) {
      this.buf[start] = length;
      return;
    }
    // One byte was reserved for the length, which suffices for most messages; longer ones are moved.
    const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
    this.reserve(extra);
    this.buf.copyWithin(start + 1 + extra, start + 1, this.pos);
    const end = this.pos + extra;
    this.pos = start;
    this.varint(length);
    this.pos = end;
  }

  /**
   * From here on messages stay as they are: what has been written of one is copied when the same object comes again.
   */
  expectAlike(): void {
    this.alikes = new Map();
  }

  /** A message that entries mostly have alike. */
  alike<T extends object>(
    tag: number,
    message: T | undefined,
    field: string,
    write: (w: Writer, m: T) => void,
  ): void {
    const last = this.alikes?.get(write);
    const same = last !== undefined && last.message === message && last.tag === tag;
    if (same && last.bytes) {
      this.raw(last.bytes);
      return;
    }
    const from = this.pos;
    const start = this.begin(tag, message, field);
    write(this, message as T);
    this.end(start);
    if (same) last.bytes = Buffer.from(this.buf.subarray(from, this.pos));
    else this.alikes?.set(write, { tag, message: message as T, bytes: undefined });
  }

  unknown(message: object): void {
    const kept = (message as HasUnknown)[unknownFields];
    if (kept !== undefined) for (const piece of kept) this.raw(piece);
  }

  /** A string that exists as ASCII bytes. */
  ascii(tag: number, from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.varint(tag);
    this.varint(length);
    this.reserve(length);
    const { buf, pos } = this;
    if (length > 64) buf.set(from.subarray(start, end), pos);
    else for (let at = 0; at < length; at++) buf[pos + at] = from[start + at] ?? 0;
    this.pos += length;
  }

  /** Discards everything written after `length`. */
  truncate(length: number): void {
    this.pos = length;
  }

  /** Bytes without a tag. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  zeros(count: number): void {
    this.reserve(count);
    this.buf.fill(0, this.pos, this.pos + count);
    this.pos += count;
  }

  /** A 32-bit little-endian number without a tag: magics and sizes of entries. */
  fixed32(value: number): void {
    this.reserve(4);
    this.pos = this.buf.writeUInt32LE(value, this.pos);
  }

  /** Overwrites the 32-bit number at `at`. */
  patch32(at: number, value: number): void {
    this.buf.writeUInt32LE(value, at);
  }

  private reserve(bytes: number): void {
    const need = this.pos + bytes;
    if (need <= this.buf.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(need, this.buf.length * 2));
    this.buf.copy(bigger, 0, 0, this.pos);
    this.buf = bigger;
  }

  /** A tag and a 32-bit value. */
  private pair(tag: number, value: number): void {
    if (tag > 127 || value > 127) {
      this.varint(tag);
      this.varint(value);
      return;
    }
    this.reserve(2);
    const { buf, pos } = this;
    buf[pos] = tag;
    buf[pos + 1] = value;
    this.pos = pos + 2;
  }

  /** A tag and a value of up to 53 bits. */
  private number(tag: number, value: number): void {
    if (value <= 0xffff_ffff) {
      this.pair(tag, value);
      return;
    }
    this.varint(tag);
    // The lower 28 bits as four bytes, then the rest: both are small integers of V8, which need no allocation.
    const high = Math.floor(value / 0x1000_0000);
    const low = value - high * 0x1000_0000;
    this.reserve(4);
    const { buf, pos } = this;
    buf[pos] = low | 128;
    buf[pos + 1] = (low >> 7) | 128;
    buf[pos + 2] = (low >> 14) | 128;
    buf[pos + 3] = (low >> 21) | 128;
    this.pos = pos + 4;
    this.varint(high);
  }

  private varint(value: number): void {
    this.reserve(5);
    const buf = this.buf;
    let pos = this.pos;
    while (value > 127) {
      buf[pos++] = (value & 127) | 128;
      value >>>= 7;
    }
    buf[pos++] = value;
    this.pos = pos;
  }

  private big(value: bigint): void {
    this.varint64(Number(BigInt.asUintN(32, value)), Number(value >> 32n));
  }

  private varint64(low: number, high: number): void {
    this.reserve(10);
    const buf = this.buf;
    let pos = this.pos;
    while (high !== 0) {
      buf[pos++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.pos = pos;
    this.varint(low);
  }
}

function bad(value: unknown, field: string, wanted: string): never {
  if (value === undefined || value === null) {
    throw new ImageError('missing-field', `required field ${field} is absent`);
  }
  const shown = typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
  throw new ImageError('bad-value', `${field} must be ${wanted}, not ${shown}`);
}
