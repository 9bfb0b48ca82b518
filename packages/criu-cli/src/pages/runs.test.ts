// Runs of pages: in columns, one by one, and as the pagemap that they become.
import {
  columnPagemap,
  decodePagemap,
  encodePagemap,
  encodePagemapColumns,
  PagemapFlags,
  totalPages,
} from '@criu/images';
import { describe, expect, it } from 'vitest';
import { joined, RunBuilder, withRun } from './runs.js';

const PAGE = 4096;
const { LAZY, PARENT, PRESENT } = PagemapFlags;

describe('runs of pages', () => {
  const builder = new RunBuilder();
  // Not in order, neighbours of one kind and of two, an address beyond 2^47, and one beyond 32 bits of pages.
  builder.add(2 ** 56, 2 ** 56 + PAGE, PRESENT);
  builder.add(4 * PAGE, 6 * PAGE, PRESENT);
  builder.add(6 * PAGE, 7 * PAGE, PRESENT | LAZY);
  builder.add(2 ** 44 + PAGE, 2 ** 45, LAZY);
  builder.add(3 * PAGE, 4 * PAGE, PRESENT);
  builder.add(2 ** 62, 2 ** 62 + PAGE, PARENT);
  const runs = builder.build();
  const expected = [
    [3 * PAGE, 6 * PAGE, PRESENT],
    [6 * PAGE, 7 * PAGE, PRESENT | LAZY],
    [2 ** 44 + PAGE, 2 ** 45, LAZY],
    [2 ** 56, 2 ** 56 + PAGE, PRESENT],
    [2 ** 62, 2 ** 62 + PAGE, PARENT],
  ].map(([start = 0, end = 0, flags = 0]) => ({ start: BigInt(start), end: BigInt(end), flags }));

  it('are in order, and neighbours of one kind are one', () => {
    expect(runs.pages).toEqual(expected);
    expect(joined(expected).pages).toEqual(expected);
    expect(runs.with((flags) => flags === LAZY)).toEqual([expected[2]]);
  });
  it('tell which of them the images hold', () => {
    expect(runs.bytes).toBe(5 * PAGE);
    expect([...runs.ranges].map(Number)).toEqual([3, 3, 6, 1, 2 ** 44, 1].map((pages) => pages * PAGE));
  });
  it('are the same wherever one of them is added last', () => {
    const all: readonly (readonly [number, number, number])[] = [
      [3, 6, PRESENT],
      [6, 7, PRESENT | LAZY],
      [9, 10, PRESENT],
      [10, 12, PRESENT],
      [12, 13, PRESENT],
      [20, 21, LAZY],
    ];
    const whole = new RunBuilder();
    for (const run of all) whole.add(...run);
    for (const last of all) {
      const others = new RunBuilder();
      for (const run of all) if (run !== last) others.add(...run);
      expect(withRun(others.build().columns, ...last), `${last}`).toEqual(whole.build().columns);
    }
    expect(withRun(new RunBuilder().build().columns, 1, 2, LAZY)).toEqual({
      starts: new Float64Array([1]),
      ends: new Float64Array([2]),
      flags: new Uint8Array([LAZY]),
    });
  });
  it('become the same pagemap as entries would', () => {
    const entries = expected.map(({ start, end, flags }) => ({
      vaddr: start,
      compat_nr_pages: 0,
      compressed_size: [],
      flags,
      nr_pages: (end - start) / BigInt(PAGE),
    }));
    const head = { pages_id: 7 };
    const bytes = encodePagemapColumns(head, runs.columns);
    expect(bytes.equals(encodePagemap(head, entries))).toBe(true);
    const read = decodePagemap(bytes);
    expect(read.entries).toEqual(entries);
    const pagemap = columnPagemap(head, runs.columns);
    const pages = totalPages(pagemap);
    expect(pagemap).toEqual({ head, entries });
    expect(totalPages(pagemap)).toBe(pages);
  });
});
