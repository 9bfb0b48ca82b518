// The data area of a program, to which its steps point; all places are aligned to eight bytes.
import type { DataRef } from './operands.js';

const FIRST_BYTES = 256;

export function align8(n: number): number {
  return (n + 7) & ~7;
}

/** A buffer that grows on demand. */
export class DataArea {
  private buffer = Buffer.alloc(0);
  private words = new Int32Array(0);
  /** Size so far in bytes. */
  size = 0;

  get content(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  /** Reserves zeroed space. */
  room(size: number): DataRef {
    const offset = this.size;
    this.size = align8(offset + size);
    if (this.size > this.buffer.length) {
      // Allocated from Node's buffer pool, since most programs are small.
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, this.size, this.buffer.length * 2));
      larger.set(this.buffer);
      larger.fill(0, this.buffer.length);
      this.buffer = larger;
      this.words = new Int32Array(larger.buffer, larger.byteOffset, larger.length >> 2);
    }
    return { kind: 'data', area: 'in', offset, size };
  }

  /** A copy of bytes, followed by zeros up to `size`. */
  bytes(content: Uint8Array, size = content.byteLength): DataRef {
    const ref = this.room(size);
    this.buffer.set(content, ref.offset);
    return ref;
  }

  words32(values: readonly number[]): DataRef {
    const ref = this.room(values.length * 4);
    for (let i = 0; i < values.length; i++) this.words[(ref.offset >> 2) + i] = values[i] ?? 0;
    return ref;
  }

  /** Stores a 64-bit word at an offset in bytes. */
  put64(offset: number, value: bigint | number): void {
    putValue(this.words, offset >> 2, value);
  }
}

/** Stores a 64-bit word in two's complement. @throws RangeError if the value is not an integer */
export function putValue(words: Int32Array, at: number, value: number | bigint): void {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw new RangeError(`operand ${value} is not an integer`);
    words[at] = value;
    words[at + 1] = Math.floor(value / 0x100000000);
    return;
  }
  // Arithmetic on bigints allocates at each step.
  whole[0] = value;
  words[at] = halves[0] ?? 0;
  words[at + 1] = halves[1] ?? 0;
}

const whole = new BigUint64Array(1);
/** The lower half first, as in the memory of the task. */
const halves = new Int32Array(whole.buffer);
