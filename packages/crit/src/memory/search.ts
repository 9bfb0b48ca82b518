// Looks for bytes or a regular expression in the memory of a process, streaming: memory of any size, small use of ours.
import { Buffer } from 'node:buffer';
import {
  type AddressSpace,
  isStored,
  type MappedSegment,
  type Mapping,
  type StoredSegment,
} from './address-space.js';

/** Bytes read at a time. */
const BLOCK = 1 << 20;
/** A match of a regular expression may be this long; longer ones are cut. */
export const LONGEST_MATCH = 64 << 10;
/** Bytes around a match that are given with it, to show where it stands. */
const CONTEXT = 24;

export interface SearchOptions {
  readonly from?: bigint | undefined;
  readonly to?: bigint | undefined;
}

export interface MemoryMatch {
  readonly address: bigint;
  readonly mapping: Mapping;
  readonly bytes: Buffer;
  /** What stands before and behind it, up to 24 bytes each. */
  readonly before: Buffer;
  readonly after: Buffer;
}

/** A place in a window of memory. */
interface Hit {
  readonly at: number;
  readonly length: number;
}
/** Hits in order that begin before `limit`. */
type Finder = (window: Buffer, limit: number) => Iterable<Hit>;

/**
 * Every place of some bytes in the stored memory of a process, also across pages and mappings that touch.
 * Overlapping places are all given.
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
 * Every match of a regular expression over the stored memory, in which each byte is one character (U+0000 … U+00FF).
 * Matches longer than 64 KiB are cut, empty ones are not given.
 * @param pattern its letters beyond ASCII stand for their UTF-8 bytes
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

/** @param reach how many bytes behind its first one a match may need */
function* search(
  space: AddressSpace,
  reach: number,
  options: SearchOptions,
  find: Finder,
): Generator<MemoryMatch, void, undefined> {
  let window: Buffer = Buffer.alloc(0);
  /** Address of the window's first byte, and how many bytes of it only serve as context. */
  let base = 0n;
  let done = 0;
  function* matches(last: boolean): Generator<MemoryMatch, void, undefined> {
    const limit = last ? window.length : window.length - reach;
    let next = Math.max(limit, done);
    for (const { at, length } of find(window.subarray(done), limit - done)) {
      const start = done + at;
      const end = start + length;
      const mapping = space.mappingAt(base + BigInt(start));
      // Pages that belong to no mapping are no memory of the process.
      if (mapping === undefined) continue;
      yield {
        address: base + BigInt(start),
        mapping,
        bytes: Buffer.from(window.subarray(start, end)),
        before: Buffer.from(window.subarray(Math.max(0, start - CONTEXT), start)),
        after: Buffer.from(window.subarray(end, end + CONTEXT)),
      };
      // What a match of an expression has taken is not looked at again.
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
