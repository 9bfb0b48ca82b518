// The mappings of a process with the sizes that the images have of each.
import { dirname } from 'node:path';
import type { AddressSpace, MemoryKind } from './address-space.js';
import { later } from './bounds.js';
import { sizeText } from './size.js';

export interface MappingUse {
  readonly start: bigint;
  readonly end: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly prot: string;
  readonly kind: MemoryKind;
  readonly what: string;
  /** Bytes in this checkpoint and its parents. */
  readonly stored: bigint;
  /** Bytes of `stored` that are in a parent. */
  readonly inParent: bigint;
  /** Bytes that are to be fetched after a restore. */
  readonly lazy: bigint;
}

export function listMappings(space: AddressSpace): MappingUse[] {
  const own = dirname(space.set.path('pstree.img'));
  const uses = new Map(
    space.mappings.map((mapping) => {
      const { start, end, prot, kind, what } = mapping;
      return [
        mapping,
        { start, end, size: later(end - start, 0n), prot, kind, what, stored: 0n, inParent: 0n, lazy: 0n },
      ];
    }),
  );
  for (const { start, end, source, mapping } of space.segments()) {
    const use = uses.get(mapping);
    if (use === undefined) continue;
    if (source === undefined) use.lazy += end - start;
    else {
      use.stored += end - start;
      if (dirname(source.mapFile) !== own) use.inParent += end - start;
    }
  }
  return [...uses.values()];
}

const hex = (value: bigint): string => value.toString(16).padStart(12, '0');

export function listingText(uses: readonly MappingUse[]): string {
  const parents = uses.some(({ inParent }) => inParent > 0n);
  const row = (range: string, prot: string, cells: readonly string[], what: string): string => {
    const numbers = cells.map((cell) => cell.padStart(9)).join('');
    return `${range.padEnd(25)}  ${prot.padEnd(4)}${numbers}  ${what}`.trimEnd();
  };
  const numbers = (size: bigint, stored: bigint, inParent: bigint) => [
    sizeText(size),
    stored === 0n ? '-' : sizeText(stored),
    ...(parents ? [inParent === 0n ? '-' : sizeText(inParent)] : []),
  ];
  const lines = uses.map(({ start, end, prot, size, stored, inParent, what }) =>
    row(`${hex(start)}-${hex(end)}`, prot, numbers(size, stored, inParent), what),
  );
  const sum = (key: 'size' | 'stored' | 'inParent') => uses.reduce((total, use) => total + use[key], 0n);
  const head = row('ADDRESS', 'PROT', ['SIZE', 'STORED', ...(parents ? ['PARENT'] : [])], 'WHAT');
  const total = row(`${uses.length} mappings`, '', numbers(sum('size'), sum('stored'), sum('inParent')), '');
  return `${[head, ...lines, total].join('\n')}\n`;
}
