// Reads the protocol buffer wire format from memory. The generated codecs call it.

import { Buffer } from 'node:buffer';
import { decodeName } from './bytes.js';
import type { Codec, Encodable } from './codec-with.js';
import { ImageError, type ImageErrorCode } from './errors.js';
import { type HasUnknown, unknownFields } from './unknown.js';
import { Writer } from './writer.js';

/** Deeper nesting is refused as an attack. Real images nest less than ten levels, cgroup trees a little more. */
const MAX_DEPTH = 100;

/** A view of an image is an object of several parts, and most fields of bytes are empty. */
const NO_BYTES = Buffer.alloc(0);

/** Two 32-bit halves and views of them as one 64-bit number: arithmetic on bigints allocates at each step. */
const halves = new Uint32Array(2);
const unsigned = new BigUint64Array(halves.buffer);
const signed = new BigInt64Array(halves.buffer);
/** Index of the lower half: 0 on little-endian machines, 1 on big-endian ones. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/**
 * The last message of each type that the entries of an image mostly have alike, and its bytes. Those that follow with the
 * same bytes are the same object.
 */
export type Alike = Map<Codec<object>, { readonly bytes: Buffer; readonly message: object }>;

export class Reader {
  /** Position of the last tag, at which the bytes of an unknown field begin. */
  private tagPos = 0;
  private depth = 0;
  /** Upper half of the varint that `low` has read last. */
  private high = 0;

  constructor(
    readonly buf: Buffer,
    public pos = 0,
    public end = buf.length,
    private readonly file = '',
    /** Offset of `buf` in the file, in bytes. */
    private readonly base = 0,
    /** Of the entries so far; undefined if each entry is to have messages of its own. */
    private readonly known?: Alike,
  ) {}

  fail(code: ImageErrorCode, reason: string, at = this.pos): never {
    throw new ImageError(code, reason, this.file, this.base + at);
  }

  missing(field: string): never {
    return this.fail('missing-field', `required field ${field} is absent`);
  }

  tag(): number {
    this.tagPos = this.pos;
    const byte = this.buf[this.pos] ?? 0;
    if (byte < 128 && byte > 7) {
      this.pos++;
      return byte;
    }
    const tag = this.low() >>> 0;
    if (tag < 8) this.fail('bad-wire', 'field number 0', this.tagPos);
    return tag;
  }

  u32(): number {
    const byte = this.buf[this.pos] ?? 0;
    if (byte < 128 && this.pos < this.end) {
      this.pos++;
      return byte;
    }
    return this.low() >>> 0;
  }

  i32(): number {
    return this.low() | 0;
  }

  s32(): number {
    const raw = this.low();
    return (raw >>> 1) ^ -(raw & 1);
  }

  bool(): boolean {
    return (this.low() | this.high) !== 0;
  }

  u64(): bigint {
    halves[LOW] = this.low();
    halves[HIGH] = this.high;
    return unsigned[0] ?? 0n;
  }

  i64(): bigint {
    halves[LOW] = this.low();
    halves[HIGH] = this.high;
    return signed[0] ?? 0n;
  }

  s64(): bigint {
    const low = this.low();
    const { high } = this;
    const sign = -(low & 1);
    halves[LOW] = ((low >>> 1) | (high << 31)) ^ sign;
    halves[HIGH] = (high >>> 1) ^ sign;
    return signed[0] ?? 0n;
  }

  /** Appends all values of a packed field, to which `enter` has limited the reader. */
  u32s(into: number[]): void {
    if (this.isZeros()) for (; this.pos < this.end; this.pos++) into.push(0);
    else while (this.pos < this.end) into.push(this.u32());
  }

  /** As {@link u32s}, for 64-bit numbers. */
  u64s(into: bigint[]): void {
    if (this.isZeros()) for (; this.pos < this.end; this.pos++) into.push(0n);
    else while (this.pos < this.end) into.push(this.u64());
  }

  /** Whether the rest is zeros of one byte each, as in most vector registers. */
  private isZeros(): boolean {
    const { buf, end } = this;
    for (let pos = this.pos; pos < end; pos++) if (buf[pos] !== 0) return false;
    return true;
  }

  fixed64(): bigint {
    const at = this.pos;
    if (at + 8 > this.end) this.fail('truncated', 'a fixed64 ends beyond its message');
    this.pos = at + 8;
    return this.buf.readBigUInt64LE(at);
  }

  bytes(): Buffer {
    const end = this.lengthEnd();
    const { pos } = this;
    this.pos = end;
    return end === pos ? NO_BYTES : this.buf.subarray(pos, end);
  }

  str(): string {
    const end = this.lengthEnd();
    const start = this.pos;
    this.pos = end;
    const text = this.buf.toString('utf8', start, end);
    return text.includes('\ufffd') ? decodeName(this.buf.subarray(start, end)) : text;
  }

  /** Limits the reader to a length-delimited field. Pass the result to `leave`. */
  enter(): number {
    const end = this.lengthEnd();
    const outer = this.end;
    if (++this.depth > MAX_DEPTH) this.fail('bad-wire', `messages nest deeper than ${MAX_DEPTH}`);
    this.end = end;
    return outer;
  }

  leave(outer: number): void {
    this.depth--;
    this.end = outer;
  }

  /**
   * Reads a message that entries mostly have alike.
   * @param earlier the field so far: a message that comes twice is merged
   */
  alike<T extends object>(codec: Codec<T>, earlier: T | undefined): T {
    const outer = this.enter();
    const { known, buf, pos, end } = this;
    const last = earlier === undefined ? known?.get(codec) : undefined;
    if (last && last.bytes.length === end - pos && buf.compare(last.bytes, 0, end - pos, pos, end) === 0) {
      this.pos = end;
      this.leave(outer);
      return last.message as T;
    }
    const message = codec.create();
    // The earlier one may belong to other entries, too.
    if (earlier) {
      const writer = new Writer();
      codec.write(writer, earlier as Encodable<T>);
      codec.read(new Reader(writer.finish()), message);
    }
    codec.read(this, message);
    if (!earlier) known?.set(codec, { bytes: buf.subarray(pos, end), message });
    this.leave(outer);
    return message;
  }

  /** Keeps an unknown field in wire format. */
  unknown(tag: number, message: object): void {
    const start = this.tagPos;
    this.skip(tag, 0);
    const owner = message as HasUnknown;
    owner[unknownFields] ??= [];
    const kept = owner[unknownFields];
    const last = kept.at(-1);
    // Adjacent unknown fields become one piece, so that a malicious file cannot create an object for every two bytes.
    if (last !== undefined && last.byteOffset + last.length === this.buf.byteOffset + start) {
      kept[kept.length - 1] = this.buf.subarray(start - last.length, this.pos);
    } else {
      kept.push(this.buf.subarray(start, this.pos));
    }
  }

  private skip(tag: number, depth: number): void {
    switch (tag & 7) {
      case 0:
        this.low();
        return;
      case 1:
        this.advance(8);
        return;
      case 2:
        this.pos = this.lengthEnd();
        return;
      case 3: {
        if (depth > MAX_DEPTH) this.fail('bad-wire', `groups nest deeper than ${MAX_DEPTH}`);
        for (;;) {
          if (this.pos >= this.end) this.fail('truncated', 'a group has no end');
          const inner = this.low() >>> 0;
          if ((inner & 7) === 4) {
            if (inner >>> 3 !== tag >>> 3) this.fail('bad-wire', 'a group ends with the tag of another');
            return;
          }
          if (inner < 8) this.fail('bad-wire', 'field number 0');
          this.skip(inner, depth + 1);
        }
      }
      case 5:
        this.advance(4);
        return;
      default:
        this.fail('bad-wire', `wire type ${tag & 7}`, this.tagPos);
    }
  }

  private advance(bytes: number): void {
    if (this.pos + bytes > this.end) this.fail('truncated', 'a field ends beyond its message');
    this.pos += bytes;
  }

  private lengthEnd(): number {
    const at = this.pos;
    const length = this.u32();
    const end = this.pos + length;
    if (end > this.end) this.fail('truncated', `a field of ${length} bytes ends beyond its message`, at);
    return end;
  }

  /** Reads a varint of up to 64 bits. Returns the lower 32 bits (signed); `high` gets the upper 32. */
  private low(): number {
    const { buf, end } = this;
    let pos = this.pos;
    let byte = 0;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (pos >= end) this.fail('truncated', 'a varint ends beyond its message');
      byte = buf[pos++] ?? 0;
      low |= (byte & 127) << shift;
      if (byte < 128) {
        this.pos = pos;
        this.high = 0;
        return low;
      }
    }
    if (pos >= end) this.fail('truncated', 'a varint ends beyond its message');
    byte = buf[pos++] ?? 0;
    low |= (byte & 127) << 28;
    high = (byte & 127) >> 4;
    for (let shift = 3; byte >= 128; shift += 7) {
      if (shift > 31) this.fail('bad-wire', 'a varint of more than 10 bytes');
      if (pos >= end) this.fail('truncated', 'a varint ends beyond its message');
      byte = buf[pos++] ?? 0;
      high |= (byte & 127) << shift;
    }
    this.pos = pos;
    this.high = high;
    return low;
  }
}
