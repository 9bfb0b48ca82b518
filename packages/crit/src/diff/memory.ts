// Finds the pages that differ between two memories. Both are read once, in pieces, and compared as blocks of bytes.
import { Buffer } from 'node:buffer';
import { statSync } from 'node:fs';
import { PAGE_SIZE, type PageMemory, pathArg, type Segment } from '@criu/images';
import {
  type AddressSpace,
  isStored,
  type MappedSegment,
  type Mapping,
  type StoredSegment,
} from '../memory/address-space.js';
import { earlier, later } from '../memory/bounds.js';

/** Numbers of pages of 4096 bytes. */
export interface PageCounts {
  /** In both memories, with equal bytes. */
  same: number;
  /** In both memories, with different bytes. */
  changed: number;
  /** Only in the second memory. */
  added: number;
  /** Only in the first memory. */
  removed: number;
}

export interface PageRange {
  readonly start: bigint;
  readonly end: bigint;
  readonly change: 'changed' | 'added' | 'removed';
}

export interface MappingPages extends PageCounts {
  readonly start: bigint;
  readonly end: bigint;
  readonly what: string;
}

export interface MemoryDiff extends PageCounts {
  /** Mappings with differing pages. */
  readonly mappings: readonly MappingPages[];
  /** Ranges of pages with the same kind of change; only on request. */
  readonly ranges?: readonly PageRange[];
}

const BLOCK = 1 << 20;

/** Compares memories. One instance serves one run, since it caches buffers and file identities. */
export class MemoryCompare {
  private readonly one = Buffer.allocUnsafeSlow(BLOCK);
  private readonly other = Buffer.allocUnsafeSlow(BLOCK);
  private readonly files = new Map<string, string>();

  constructor(private readonly withRanges = false) {}

  /** Compares the memory of two processes without shared memory, which `shared` compares. */
  spaces(before: AddressSpace, after: AddressSpace): MemoryDiff {
    const mappings = new Map<Mapping, MappingPages>();
    const count = (mapping: Mapping): PageCounts => {
      let counts = mappings.get(mapping);
      if (counts === undefined) {
        const { start, end, kind } = mapping;
        counts = { start, end, what: mapping.what || kind, same: 0, changed: 0, added: 0, removed: 0 };
        mappings.set(mapping, counts);
      }
      return counts;
    };
    const options = { shared: false };
    const result = this.compare(before.segments(options), after.segments(options), (left, right) =>
      count((right as MappedSegment | undefined)?.mapping ?? (left as MappedSegment).mapping),
    );
    const rows = [...mappings.values()].filter((row) => row.changed + row.added + row.removed > 0);
    return { ...result, mappings: rows.sort((a, b) => (a.start < b.start ? -1 : 1)) };
  }

  /** Compares two shared memory segments. Addresses count from the start of the segment. */
  shared(before: PageMemory, after: PageMemory): MemoryDiff {
    const counts: PageCounts = { same: 0, changed: 0, added: 0, removed: 0 };
    return { ...this.compare(before.segments(), after.segments(), () => counts), mappings: [] };
  }

  private compare(
    before: Iterator<Segment>,
    after: Iterator<Segment>,
    owner: (left: Segment | undefined, right: Segment | undefined) => PageCounts,
  ): PageCounts & { ranges?: PageRange[] } {
    const total: PageCounts = { same: 0, changed: 0, added: 0, removed: 0 };
    const ranges: PageRange[] = [];
    const note = (counts: PageCounts, change: keyof PageCounts, start: bigint, end: bigint): void => {
      const pages = Math.ceil(Number(end - start) / PAGE_SIZE);
      counts[change] += pages;
      total[change] += pages;
      if (!this.withRanges || change === 'same') return;
      const last = ranges.at(-1);
      if (last !== undefined && last.change === change && last.end === start)
        ranges[ranges.length - 1] = { start: last.start, end, change };
      else ranges.push({ start, end, change });
    };
    let left = stored(before);
    let right = stored(after);
    while (left !== undefined || right !== undefined) {
      if (left !== undefined && (right === undefined || left.start < right.start)) {
        const end = right === undefined ? left.end : earlier(left.end, right.start);
        note(owner(left, undefined), 'removed', left.start, end);
        left = cut(left, end) ?? stored(before);
      } else if (right !== undefined && (left === undefined || right.start < left.start)) {
        const end = left === undefined ? right.end : earlier(right.end, left.start);
        note(owner(undefined, right), 'added', right.start, end);
        right = cut(right, end) ?? stored(after);
      } else if (left !== undefined && right !== undefined) {
        const end = earlier(left.end, right.end);
        const counts = owner(left, right);
        for (const [from, to, same] of this.blocks(left, right, end)) {
          note(counts, same ? 'same' : 'changed', from, to);
        }
        left = cut(left, end) ?? stored(before);
        right = cut(right, end) ?? stored(after);
      }
    }
    return this.withRanges ? { ...total, ranges } : total;
  }

  /** Compares two segments with the same start address. Yields ranges of pages with whether they are equal. */
  private *blocks(
    left: StoredSegment,
    right: StoredSegment,
    end: bigint,
  ): Generator<[bigint, bigint, boolean], void, undefined> {
    const { start } = left;
    const [a, b] = [left.source, right.source];
    // Two increments of one dump refer to the same bytes of one file.
    if (left.offset === right.offset && this.file(a.file) === this.file(b.file)) {
      yield [start, end, true];
      return;
    }
    for (let at = start; at < end; at += BigInt(BLOCK)) {
      const size = Number(earlier(end - at, BigInt(BLOCK)));
      const skip = Number(at - start);
      const one = this.one.subarray(0, size);
      const other = this.other.subarray(0, size);
      a.readAt(one, left.offset + skip);
      b.readAt(other, right.offset + skip);
      if (one.equals(other)) {
        yield [at, at + BigInt(size), true];
        continue;
      }
      for (let page = 0; page < size; page += PAGE_SIZE) {
        // Invalid images may have pages at unaligned addresses.
        const stop = Math.min(page + PAGE_SIZE, size);
        const same = one.compare(other, page, stop, page, stop) === 0;
        yield [at + BigInt(page), at + BigInt(stop), same];
      }
    }
  }

  /** The identity of a file, independent of the path to it. */
  private file(path: string): string {
    let known = this.files.get(path);
    if (known === undefined) {
      const found = statSync(pathArg(path), { bigint: true, throwIfNoEntry: false });
      known = found === undefined ? path : `${found.dev}:${found.ino}`;
      this.files.set(path, known);
    }
    return known;
  }
}

/** The next segment with bytes. */
function stored(iterator: Iterator<Segment>): StoredSegment | undefined {
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    if (isStored(next.value)) return next.value;
  }
  return undefined;
}

/** The rest of a segment from an address on. */
function cut(segment: StoredSegment, at: bigint): StoredSegment | undefined {
  if (at >= segment.end) return undefined;
  const start = later(at, segment.start);
  return { ...segment, start, offset: segment.offset + Number(start - segment.start) };
}
