// Stored runs in columns, against the algebra of ranges as objects.
import { describe, expect, it } from 'vitest';
import { common, cutRange, extents, firstOutside, type Range, touches, without } from '../ranges.js';
import { cutStored, type StoredRange, StoredRuns } from './stored.js';

const PAGE = 4096;
const range = (start: number, end: number): Range => ({
  start: BigInt(start * PAGE),
  end: BigInt(end * PAGE),
});
const stored = (start: number, end: number, file: string, page: number): StoredRange => ({
  ...range(start, end),
  file,
  offset: page * PAGE,
});

/** Numbers from 0 up to `most`, always the same ones. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * most);
  };
}

/** A sorted list without overlap, with gaps and without. */
function some(next: (most: number) => number, most: number): Range[] {
  const out: Range[] = [];
  for (let at = next(3); out.length < most; ) {
    const end = at + 1 + next(4);
    out.push(range(at, end));
    at = end + Math.max(0, next(5) - 1);
  }
  return out;
}

/** The same pages one by one, with the place of each. */
const pages = (ranges: Iterable<StoredRange>) =>
  [...ranges].flatMap(({ start, end, file, offset }) =>
    Array.from({ length: Number(end - start) / PAGE }, (_, i) => [
      Number(start) / PAGE + i,
      file,
      offset / PAGE + i,
    ]),
  );

const big = (address: number | undefined) => (address === undefined ? undefined : BigInt(address));

describe('stored runs', () => {
  it('are joined where they go on in memory and in the file', () => {
    const runs = StoredRuns.of([
      stored(1, 2, 'a', 0),
      stored(2, 4, 'a', 1),
      stored(4, 5, 'a', 9),
      stored(5, 6, 'b', 10),
      stored(7, 8, 'b', 11),
      stored(8, 9, 'a', 10),
    ]);
    expect(runs.list).toEqual([
      stored(1, 4, 'a', 0),
      stored(4, 5, 'a', 9),
      stored(5, 6, 'b', 10),
      stored(7, 8, 'b', 11),
      stored(8, 9, 'a', 10),
    ]);
    expect(runs.files).toEqual(['a', 'b']);
    expect(runs.bytes).toBe(7 * PAGE);
  });
  it('keep addresses exactly, up to the end of the address space', () => {
    const last = { start: 0xffff_ffff_ff60_0000n, end: 0xffff_ffff_ff60_1000n, file: 'a', offset: 0 };
    expect([...StoredRuns.of([last])]).toEqual([last]);
  });
  it('are cut like ranges as objects', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = numbers(seed);
      const list = some(next, 12).map(({ start, end }, i): StoredRange => {
        return { start, end, file: next(4) ? 'a' : 'b', offset: 10 * i * PAGE };
      });
      const others = some(next, 6);
      const one = range(next(20), 20 + next(20));
      const runs = StoredRuns.of(list);
      expect(pages(runs.without(others)), `seed ${seed}`).toEqual(pages(without(list, others, cutStored)));
      expect(pages(runs.within(one)), `seed ${seed}`).toEqual(pages(common(list, [one], cutStored)));
      expect(runs.touches(one), `seed ${seed}`).toBe(touches(list, one));
      const columns = {
        starts: others.map(({ start }) => Number(start)),
        ends: others.map(({ end }) => Number(end)),
      };
      const all = others.map((_, i) => i);
      expect(big(runs.firstOutside(columns, all)), `seed ${seed}`).toBe(firstOutside(list, others));
      const most = all.slice(1);
      expect([...runs.touched(columns, all)], `seed ${seed}`).toEqual(
        others.map((other) => Number(touches(list, other))),
      );
      expect(runs.touched(columns, most)[0] ?? 0).toBe(0);
      expect(big(runs.firstOutside(columns, most)), `seed ${seed}`).toBe(firstOutside(list, others.slice(1)));
      const inside = common(list, others, cutRange);
      expect(
        big(StoredRuns.of(common(list, others, cutStored)).firstOutside(columns, all)),
        `seed ${seed}`,
      ).toBe(firstOutside(inside, others));
      expect(runs.extents(2 * PAGE), `seed ${seed}`).toEqual(extents(list, BigInt(2 * PAGE)));
    }
  });
});
