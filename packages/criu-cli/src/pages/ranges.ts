// Ranges of addresses, or of offsets in a shared memory object; `end` is exclusive. Lists of ranges are sorted by
// address and have no overlaps.

export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Makes a part of a range, from `start` to `end`, together with the data the range carries. The part is never empty.
 */
export type Cut<R extends Range> = (range: R, start: bigint, end: bigint) => R;

/** The cut for ranges that carry no position-dependent data. */
export function cutRange<R extends Range>(range: R, start: bigint, end: bigint): R {
  return { ...range, start, end };
}

/** Length of a range in bytes. */
export function sizeOf({ start, end }: Range): number {
  return Number(end - start);
}

/** Total length of a list in bytes. */
export function totalOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + sizeOf(range), 0);
}

export const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Comparison function for `sort`. */
export function byStart(a: Range, b: Range): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}

/** Index of the first range of a list that ends behind an address; the length of the list if there is none. */
export function indexFrom(ranges: readonly Range[], address: bigint): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range && range.end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether any byte of a range is in a list. */
export function touches(ranges: readonly Range[], { start, end }: Range): boolean {
  const first = ranges[indexFrom(ranges, start)];
  return first !== undefined && first.start < end;
}

/** Whether every byte of a range is in a list. */
export function covers(ranges: readonly Range[], range: Range): boolean {
  return firstGap(ranges, range) === undefined;
}

/** The first address of a range that is not in a list; undefined if all addresses are. */
export function firstGap(ranges: readonly Range[], { start, end }: Range): bigint | undefined {
  let at = start;
  for (let i = indexFrom(ranges, start); at < end; i++) {
    const range = ranges[i];
    if (!range || range.start > at) return at;
    at = range.end;
  }
  return undefined;
}

/** The first address that is in `ranges` and not in `others`; undefined if `others` has all of them. */
export function firstOutside(ranges: readonly Range[], others: readonly Range[]): bigint | undefined {
  let i = 0;
  for (const { start, end } of ranges)
    for (let at = start; at < end; ) {
      let other = others[i];
      while (other && other.end <= at) other = others[++i];
      if (!other || other.start > at) return at;
      at = other.end;
    }
  return undefined;
}

/** Joins adjacent ranges of a list and returns the results with at least `atLeast` bytes. */
export function extents(ranges: readonly Range[], atLeast: bigint): Range[] {
  const out: Range[] = [];
  let first = 0n;
  let last = 0n;
  for (const { start, end } of ranges) {
    if (start !== last) {
      if (last - first >= atLeast) out.push({ start: first, end: last });
      first = start;
    }
    last = end;
  }
  if (last - first >= atLeast) out.push({ start: first, end: last });
  return out;
}

/** The parts of a list that lie in a range. */
export function within<R extends Range>(ranges: readonly R[], { start, end }: Range, cut: Cut<R>): R[] {
  const out: R[] = [];
  for (let i = indexFrom(ranges, start); ; i++) {
    const range = ranges[i];
    if (!range || range.start >= end) return out;
    out.push(part(range, later(range.start, start), earlier(range.end, end), cut));
  }
}

/** The parts of a list that lie in the ranges of another list. */
export function common<R extends Range>(ranges: readonly R[], others: readonly Range[], cut: Cut<R>): R[] {
  return pairs(ranges, others).map(({ range, start, end }) => part(range, start, end, cut));
}

/** The intersection of two lists, as pieces that each lie in one range of either list; with these two ranges. */
export function pairs<R extends Range, S extends Range>(
  ranges: readonly R[],
  others: readonly S[],
): { readonly range: R; readonly other: S; readonly start: bigint; readonly end: bigint }[] {
  const out: { range: R; other: S; start: bigint; end: bigint }[] = [];
  for (let i = 0, k = 0; ; ) {
    const range = ranges[i];
    const other = others[k];
    if (!range || !other) return out;
    const start = later(range.start, other.start);
    const end = earlier(range.end, other.end);
    if (start < end) out.push({ range, other, start, end });
    if (range.end <= other.end) i++;
    else k++;
  }
}

/** If a list is this many times shorter than the other one, a search for each of its ranges takes less time than a walk through both. */
const FEW = 16;

/** The parts of a list that lie in no range of another list. */
export function without<R extends Range>(
  ranges: readonly R[],
  holes: readonly Range[],
  cut: Cut<R>,
): readonly R[] {
  // In most calls no hole touches a range.
  if (holes.length * FEW < ranges.length && !holes.some((hole) => touches(ranges, hole))) return ranges;
  if (holes.length === 0) return ranges;
  const out: R[] = [];
  let i = 0;
  for (const range of ranges) {
    let at = range.start;
    for (let hole = holes[i]; hole && hole.end <= at; hole = holes[i]) i++;
    for (let k = i; at < range.end; k++) {
      const hole = holes[k];
      const next = hole && hole.start < range.end ? hole.start : range.end;
      if (at < next) out.push(part(range, at, next, cut));
      at = hole && hole.start < range.end ? later(at, hole.end) : range.end;
    }
  }
  return out;
}

function part<R extends Range>(range: R, start: bigint, end: bigint, cut: Cut<R>): R {
  return start === range.start && end === range.end ? range : cut(range, start, end);
}

/** Whether the ranges are in ascending order of their start. */
export function inOrder(ranges: readonly Range[]): boolean {
  let last = 0n;
  for (const { start } of ranges) {
    if (start < last) return false;
    last = start;
  }
  return true;
}

/** The union of any ranges as one list; ranges that touch or overlap are merged. */
export function union(ranges: readonly Range[]): Range[] {
  const out: { start: bigint; end: bigint }[] = [];
  for (const { start, end } of inOrder(ranges) ? ranges : [...ranges].sort(byStart)) {
    const last = out.at(-1);
    if (last && start <= last.end) last.end = later(last.end, end);
    else if (start < end) out.push({ start, end });
  }
  return out;
}

/** Splits a range into pieces of at most `bytes` bytes. */
export function pieces<R extends Range>(range: R, bytes: number, cut: Cut<R>): Iterable<R> {
  // There are many ranges of a page, for which a generator takes longer than what is done with them.
  const size = sizeOf(range);
  if (size > bytes) return split(range, bytes, cut);
  return size > 0 ? [range] : [];
}

function* split<R extends Range>(range: R, bytes: number, cut: Cut<R>): Generator<R> {
  const step = BigInt(bytes);
  for (let { start } = range; start < range.end; start += step)
    yield part(range, start, earlier(start + step, range.end), cut);
}
