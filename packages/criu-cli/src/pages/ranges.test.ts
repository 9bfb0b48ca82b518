// The algebra of ranges, against sets of single numbers.
import { describe, expect, it } from 'vitest';
import {
  common,
  covers,
  cutRange,
  extents,
  firstGap,
  firstOutside,
  indexFrom,
  pairs,
  pieces,
  type Range,
  sizeOf,
  totalOf,
  touches,
  union,
  within,
  without,
} from './ranges.js';

const range = (start: number, end: number): Range => ({ start: BigInt(start), end: BigInt(end) });
const show = (ranges: readonly Range[]) => ranges.map(({ start, end }) => `${start}-${end}`).join(' ');
/** A list from a picture: `#` belongs to it, `|` begins a new range. */
function list(picture: string): Range[] {
  const out: Range[] = [];
  let at = 0;
  let open = false;
  for (const letter of picture) {
    if (letter === '|') {
      open = false;
      continue;
    }
    if (letter === '#') {
      const last = out.pop();
      if (open && last) out.push({ start: last.start, end: BigInt(at + 1) });
      else {
        if (last) out.push(last);
        out.push(range(at, at + 1));
      }
    }
    open = letter === '#';
    at++;
  }
  return out;
}
const members = (ranges: readonly Range[]) =>
  ranges.flatMap(({ start, end }) =>
    Array.from({ length: Number(end - start) }, (_, i) => Number(start) + i),
  );

describe('lists of ranges', () => {
  const some = list('..##..#|##.###.');
  it('are found by address', () => {
    expect(show(some)).toBe('2-4 6-7 7-9 10-13');
    expect([0, 2, 3, 4, 6, 7, 9, 12, 13].map((at) => indexFrom(some, BigInt(at)))).toEqual([
      0, 0, 0, 1, 1, 2, 3, 3, 4,
    ]);
    expect(touches(some, range(4, 6))).toBe(false);
    expect(touches(some, range(4, 7))).toBe(true);
    expect(touches(some, range(13, 20))).toBe(false);
  });
  it('cover what neighbours hold together', () => {
    expect(covers(some, range(6, 9))).toBe(true);
    expect(firstGap(some, range(6, 11))).toBe(9n);
    expect(firstGap(some, range(0, 3))).toBe(0n);
    expect(firstGap(some, range(3, 3))).toBeUndefined();
  });
  it('count their bytes', () => {
    expect(totalOf(some)).toBe(8);
    expect(sizeOf(range(3, 9))).toBe(6);
  });
  it('are cut to a range', () => {
    expect(show(within(some, range(3, 8), cutRange))).toBe('3-4 6-7 7-8');
    expect(show(within(some, range(4, 6), cutRange))).toBe('');
  });
  it('are joined', () => {
    expect(show(union([range(7, 9), range(2, 4), range(4, 5), range(3, 4), range(9, 9)]))).toBe('2-5 7-9');
    expect(union([])).toEqual([]);
  });
  it('are measured with their neighbours', () => {
    expect(show(extents(some, 3n))).toBe('6-9 10-13');
    expect(show(extents(some, 4n))).toBe('');
    expect(show(extents([], 1n))).toBe('');
  });
  it('come in pieces', () => {
    expect(show([...pieces(range(3, 10), 3, cutRange)])).toBe('3-6 6-9 9-10');
  });
  it('keep addresses beyond 2^53 to the byte', () => {
    const high = { start: (1n << 56n) - 3n, end: (1n << 56n) + 1n };
    expect(without([high], [{ start: 1n << 56n, end: 1n << 57n }], cutRange)).toEqual([
      { start: (1n << 56n) - 3n, end: 1n << 56n },
    ]);
  });
});

describe('two lists of ranges', () => {
  /** All lists of numbers below eight, as pictures with a border before each third number. */
  const pictures = Array.from({ length: 256 }, (_, bits) =>
    Array.from({ length: 8 }, (_unused, i) => `${i % 3 === 0 ? '|' : ''}${bits & (1 << i) ? '#' : '.'}`).join(
      '',
    ),
  );
  const lists = pictures.filter((_, i) => i % 5 === 0 || i > 240).map(list);
  it('have in common what is in both, and lose what is in the other', () => {
    for (const a of lists)
      for (const b of lists) {
        const [mine, theirs] = [members(a), new Set(members(b))];
        const shared = mine.filter((n) => theirs.has(n));
        expect(members(common(a, b, cutRange))).toEqual(shared);
        const outside = firstOutside(a, b);
        expect(outside === undefined ? undefined : Number(outside)).toBe(mine.find((n) => !theirs.has(n)));
        expect(members(without(a, b, cutRange))).toEqual(mine.filter((n) => !theirs.has(n)));
        expect(members(pairs(a, b))).toEqual(shared);
      }
  });
  it('are cut by whoever knows what else a range says', () => {
    const stored = { ...range(10, 20), offset: 100 };
    const cut = (r: typeof stored, start: bigint, end: bigint) => ({
      start,
      end,
      offset: r.offset + Number(start - r.start),
    });
    expect(without([stored], [range(0, 12), range(14, 15)], cut)).toEqual([
      { start: 12n, end: 14n, offset: 102 },
      { start: 15n, end: 20n, offset: 105 },
    ]);
    expect(without([stored], [range(30, 40)], cut)[0]).toBe(stored);
  });
});
