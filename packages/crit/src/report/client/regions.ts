// Splits an address space into rows for the chart.
import type { MappingRow } from '../payload.js';

export interface Mapped {
  readonly start: number;
  readonly end: number;
  readonly row: MappingRow;
}

/** Mappings that are drawn in one row. */
export interface Region {
  readonly mappings: readonly Mapped[];
  readonly start: number;
  readonly end: number;
  /** Unmapped bytes before the region; 0 for the first. */
  readonly hole: number;
}

/** Minimal size in bytes of a hole that is not drawn to scale. */
export const HOLE = 64 * 2 ** 20;
/** Width of such a hole within a row. */
const BREAK = 5;
/** Regions up to weight ISLAND share a row, up to a total weight of ARCHIPELAGO. */
const ISLAND = 24;
const ARCHIPELAGO = 600;

export const mapped = (rows: readonly MappingRow[]): Mapped[] =>
  rows.map((row) => {
    const start = Number.parseInt(row[0], 16);
    return { start, end: start + row[1], row };
  });

/** Widths are proportional to the square root of the size, so that a page and a gigabyte are both visible. */
export const weight = (bytes: number): number => (bytes > 0 ? Math.sqrt(bytes / 4096) : 0);
export const holeWeight = (bytes: number): number => (bytes <= 0 ? 0 : bytes >= HOLE ? BREAK : weight(bytes));

/** Splits an address space at its large holes. Small adjacent regions share a row. */
export function regionsOf(mappings: readonly Mapped[]): Region[] {
  const regions: Region[] = [];
  const add = (group: readonly Mapped[], start: number, end: number): void => {
    const before = regions.at(-1);
    const next = { mappings: group, start, end, hole: start - (before?.end ?? start) };
    if (before !== undefined && lastIsland(before) <= ISLAND && regionWeight(next) <= ISLAND) {
      const joined = { ...before, mappings: [...before.mappings, ...group], end };
      if (regionWeight(joined) <= ARCHIPELAGO) {
        regions[regions.length - 1] = joined;
        return;
      }
    }
    regions.push(next);
  };
  let group: Mapped[] = [];
  let [start, end] = [0, 0];
  for (const mapping of mappings) {
    if (group.length > 0 && mapping.start - end >= HOLE) {
      add(group, start, end);
      group = [];
    }
    if (group.length === 0) start = mapping.start;
    group.push(mapping);
    end = mapping.end;
  }
  if (group.length > 0) add(group, start, end);
  return regions;
}

/** Weight of the mappings behind the last large hole of a row. */
function lastIsland(region: Region): number {
  let sum = 0;
  let start: number | undefined;
  for (const mapping of [...region.mappings].reverse()) {
    if (start !== undefined && start - mapping.end >= HOLE) return sum;
    sum += weight(mapping.row[1]);
    start = mapping.start;
  }
  return sum;
}

export function regionWeight(region: Pick<Region, 'mappings' | 'start'>): number {
  let sum = 0;
  let end = region.start;
  for (const mapping of region.mappings) {
    sum += weight(mapping.row[1]) + holeWeight(mapping.start - end);
    end = mapping.end;
  }
  return sum;
}
