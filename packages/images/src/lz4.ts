// LZ4 block format without frames: sequences of literals and of copies of preceding bytes.
import { ImageError } from './errors.js';

const MIN_MATCH = 4;
/** The last five bytes of a block are literals, and no copy begins in the last twelve. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const FARTHEST = 0xffff;
const HASH_BITS = 13;

/** Reads the rest of a length that exceeds its four bits: bytes of 255, and then a smaller one. */
function longer(from: Uint8Array, at: number, length: number): [length: number, at: number] {
  let [total, next] = [length, at];
  for (let byte = 255; byte === 255; total += byte) {
    if (next >= from.length) throw new ImageError('bad-value', 'an LZ4 block ends within a length');
    byte = from[next++] ?? 0;
  }
  return [total, next];
}

/**
 * Decompresses a block.
 * @param size size of the contents in bytes
 * @throws ImageError `bad-value` if the block is invalid or its contents have another size
 */
export function unpackLz4(from: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  let to = 0;
  while (at < from.length) {
    const token = from[at++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) [literals, at] = longer(from, at, literals);
    if (at + literals > from.length || to + literals > size)
      throw new ImageError('bad-value', 'an LZ4 block has literals beyond its end');
    out.set(from.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === from.length) break;
    if (at + 2 > from.length) throw new ImageError('bad-value', 'an LZ4 block ends within a copy');
    const distance = (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) [length, at] = longer(from, at, length);
    length += MIN_MATCH;
    if (distance === 0 || distance > to || to + length > size)
      throw new ImageError('bad-value', 'an LZ4 block has a copy of what it does not have');
    // Source and destination may overlap, which repeats the bytes just written.
    if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - distance] ?? 0;
    to += length;
  }
  if (to !== size) throw new ImageError('bad-value', `an LZ4 block has ${to} bytes, not ${size}`);
  return out;
}

/** Compresses bytes to a block; undefined if the block would not be smaller. */
export function packLz4(from: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(from.length);
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const seen = new Int32Array(1 << HASH_BITS).fill(-1);
  let to = 0;
  let anchor = 0;
  const put = (byte: number): boolean => {
    if (to >= out.length) return false;
    out[to++] = byte;
    return true;
  };
  const putLength = (length: number): boolean => {
    let left = length;
    for (; left >= 255; left -= 255) if (!put(255)) return false;
    return put(left);
  };
  const sequence = (end: number, distance: number, match: number): boolean => {
    const literals = end - anchor;
    const more = match - MIN_MATCH;
    const low = match === 0 ? 0 : Math.min(more, 15);
    if (!put((Math.min(literals, 15) << 4) | low)) return false;
    if (literals >= 15 && !putLength(literals - 15)) return false;
    if (to + literals > out.length) return false;
    out.set(from.subarray(anchor, end), to);
    to += literals;
    if (match === 0) return true;
    if (!put(distance & 255) || !put(distance >> 8)) return false;
    return more < 15 || putLength(more - 15);
  };
  const limit = from.length - MATCH_LIMIT;
  for (let at = 0; at < limit; ) {
    const word = view.getUint32(at, true);
    const hash = Math.imul(word, 2654435761) >>> (32 - HASH_BITS);
    const before = seen[hash] ?? -1;
    seen[hash] = at;
    if (before < 0 || at - before > FARTHEST || view.getUint32(before, true) !== word) {
      at++;
      continue;
    }
    let length = MIN_MATCH;
    const most = from.length - LAST_LITERALS - at;
    while (length < most && from[before + length] === from[at + length]) length++;
    if (!sequence(at, at - before, length)) return undefined;
    at += length;
    anchor = at;
  }
  if (!sequence(from.length, 0, 0) || to >= from.length) return undefined;
  return out.subarray(0, to);
}
