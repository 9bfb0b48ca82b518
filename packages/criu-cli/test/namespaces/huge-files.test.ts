// Which parts of a file of huge pages are filled: whole pages, and so much at a time.
import { expect, it } from 'vitest';
import { hugeRuns } from '../../src/resources/namespaces/mnt/huge-files.js';

const M = 1 << 20;
const run = (start: number, end: number) => ({ start, end });

it.each([
  ['nothing', [], []],
  ['a byte is a page', [run(5, 6)], [run(0, 2 * M)]],
  ['a hole of pages stays one', [run(0, 1), run(5 * M, 6 * M)], [run(0, 2 * M), run(4 * M, 6 * M)]],
  ['pages that touch are filled together', [run(1 * M, 2 * M + 1), run(3 * M, 4 * M)], [run(0, 4 * M)]],
  ['two pieces in one page', [run(0, 10), run(20, 30)], [run(0, 2 * M)]],
  [
    'not more than is asked for at a time',
    [run(0, 10 * M)],
    [run(0, 4 * M), run(4 * M, 8 * M), run(8 * M, 10 * M)],
  ],
])('%s', (_, data, expected) => {
  expect(hugeRuns(data, 2 * M, 5 * M)).toEqual(expected);
});

it('takes a page at a time where pages are larger than what is asked for', () => {
  expect(hugeRuns([run(0, 5)], 1 << 30, 1 << 26)).toEqual([run(0, 1 << 30)]);
});
