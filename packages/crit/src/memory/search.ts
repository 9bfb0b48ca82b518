// Searches bytes or a regular expression in the memory of a process. Memory use does not depend on the size of the
// process.
import { Buffer } from 'node:buffer';
import {
  type AddressSpace,
  isStored,
  type MappedSegment,
  type Mapping,
  type StoredSegment,
} from './address-space.js';

/** Bytes of one read. */
const BLOCK = 1 << 20;
/** Maximal length in bytes of a match of a regular expression; longer ones are cut. */
export const LONGEST_MATCH = 64 << 10;
/** Bytes before and after a match that are returned with it. */
const CONTEXT = 24;

export interface SearchOptions {
  readonly from?: bigint | undefined;
  readonly to?: bigint | undefined;
}

export interface MemoryMatch {
  readonly address: bigint;
  readonly mapping: Mapping;
  readonly bytes: Buffer;
  /** Up to 24 bytes before and after the match. */
  readonly before: Buffer;
  readonly after: Buffer;
}

/** A match in a window of memory. */
interface Hit {
  readonly at: number;
  readonly length: number;
}
/** Returns the matches that begin before `limit`, in order. */
type Finder = (window: Buffer, limit: number) => Iterable<Hit>;

/**
 * All occurrences of some bytes in the stored memory of a process, also across pages and adjacent mappings. They may
 * overlap.
 */
export function searchBytes(
  space: AddressSpace,
  needle: Uint8Array,
  options: SearchOptions = {},
): Generator<MemoryMatch, void, undefined> {
  if (needle.length === 0) throw new RangeError('nothing to search for');
  return search(space, needle.length - 1, options, function* (window, limit) {
    for (let at = window.indexOf(needle); at >= 0 && at < limit; at = window.indexOf(needle, at + 1)) {
      yield { at, length: needle.length };
    }
  });
}

/**
 * All matches of a regular expression in the stored memory, in which each byte is one character (U+0000 … U+00FF).
 * Matches longer than 64 KiB are cut, empty ones are left out.
 * @param pattern characters beyond ASCII match their UTF-8 bytes
 * @throws SyntaxError
 */
export function searchRegex(
  space: AddressSpace,
  pattern: string,
  options: SearchOptions & { readonly ignoreCase?: boolean | undefined } = {},
): Generator<MemoryMatch, void, undefined> {
  const regex = new RegExp(Buffer.from(pattern).toString('latin1'), options.ignoreCase ? 'gi' : 'g');
  return search(space, LONGEST_MATCH, options, function* (window, limit) {
    const text = window.toString('latin1');
    regex.lastIndex = 0;
    for (let match = regex.exec(text); match !== null && match.index < limit; match = regex.exec(text)) {
      const { length } = match[0];
      if (length === 0) regex.lastIndex++;
      else yield { at: match.index, length: Math.min(length, LONGEST_MATCH) };
    }
  });
}

/** @param reach number of bytes after its first byte that a match may need */
function* search(
  space: AddressSpace,
  reach: number,
  options: SearchOptions,
  find: Finder,
): Generator<MemoryMatch, void, undefined> {
  let window: Buffer = Buffer.alloc(0);
  /** Address of the first byte of the window, and number of its leading bytes that are only context. */
  let base = 0n;
  let done = 0;
  function* matches(last: boolean): Generator<MemoryMatch, void, undefined> {
    const limit = last ? window.length : window.length - reach;
    let next = Math.max(limit, done);
    for (const { at, length } of find(window.subarray(done), limit - done)) {
      const start = done + at;
      const end = start + length;
      const mapping = space.mappingAt(base + BigInt(start));
      // Pages outside of all mappings are not memory of the process.
      if (mapping === undefined) continue;
      yield {
        address: base + BigInt(start),
        mapping,
        bytes: Buffer.from(window.subarray(start, end)),
        before: Buffer.from(window.subarray(Math.max(0, start - CONTEXT), start)),
        after: Buffer.from(window.subarray(end, end + CONTEXT)),
      };
      // The search for an expression continues behind a match.
      if (reach === LONGEST_MATCH) next = Math.max(next, end);
    }
    const keep = Math.max(0, Math.min(next, window.length) - CONTEXT);
    done = Math.min(next, window.length) - keep;
    base += BigInt(keep);
    window = window.subarray(keep);
  }

  for (const { start, bytes } of blocks(space, options)) {
    if (start !== base + BigInt(window.length)) {
      yield* matches(true);
      window = Buffer.alloc(0);
      base = start;
      done = 0;
    }
    window = window.length === 0 ? bytes : Buffer.concat([window, bytes]);
    if (window.length >= BLOCK) yield* matches(false);
  }
  yield* matches(true);
}

/** The stored bytes in pieces. */
function* blocks(
  space: AddressSpace,
  options: SearchOptions,
): Generator<{ start: bigint; bytes: Buffer }, void, undefined> {
  for (const segment of space.segments(options)) {
    if (isStored(segment)) yield* pieces(segment);
  }
}

export function* pieces(
  segment: StoredSegment<MappedSegment>,
): Generator<{ start: bigint; bytes: Buffer }, void, undefined> {
  for (let at = segment.start; at < segment.end; at += BigInt(BLOCK)) {
    const left = segment.end - at;
    const bytes = Buffer.allocUnsafeSlow(left < BigInt(BLOCK) ? Number(left) : BLOCK);
    segment.source.readAt(bytes, segment.offset + Number(at - segment.start));
    yield { start: at, bytes };
  }
}
