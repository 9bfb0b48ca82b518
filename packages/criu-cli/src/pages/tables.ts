// Ranges of a table in the forms that the native layer and lists of ranges have.
import type { RangeTable } from '@criu/images';
import type { Range } from './ranges.js';

/** Start and end of some ranges of a table. A bigint for each would take longer than the kernel's work with them. */
export function addressPairs(table: RangeTable<object>, some: readonly number[]): BigUint64Array {
  const pairs = new BigUint64Array(some.length * 2);
  const words = new Uint32Array(pairs.buffer);
  const { starts, ends } = table;
  for (let i = 0; i < some.length; i++) {
    const at = some[i] ?? 0;
    const start = starts[at] ?? 0;
    const end = ends[at] ?? 0;
    words[4 * i] = start;
    words[4 * i + 1] = start / 0x1_0000_0000;
    words[4 * i + 2] = end;
    words[4 * i + 3] = end / 0x1_0000_0000;
  }
  return pairs;
}

/** The ranges of a table whose attributes fit. */
export function rangesWhere<A extends object>(
  table: RangeTable<A>,
  fits: (attributes: A) => unknown,
): Range[] {
  return table.where(fits).map((at) => ({ start: BigInt(table.start(at)), end: BigInt(table.end(at)) }));
}
