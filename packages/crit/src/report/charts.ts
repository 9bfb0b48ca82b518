// Inline SVG: stacked bars of memory by kind, and strips of an address space. Words stand beside them as HTML, so that
// they keep their size on a phone.
import { type MemoryKind, memoryKinds } from '../memory/address-space.js';
import type { MappingUse } from '../memory/listing.js';
import { sizeText } from '../memory/size.js';
import type { MemoryUse } from './data.js';
import { type Html, html } from './html.js';

export const kindClass = (kind: MemoryKind): string => kind.replace(' ', '-');

const percent = (value: number): string => `${Number(value.toFixed(3))}%`;
/** Narrower parts could not be seen, in percent. */
const NARROW = 0.35;

/** A bar of what is stored, by kind. `whole` is what its full width stands for. */
export function memoryBar(memory: Readonly<Record<MemoryKind, MemoryUse>>, whole: bigint): Html {
  let at = 0;
  const parts: Html[] = [];
  for (const kind of memoryKinds) {
    const { stored } = memory[kind];
    if (stored === 0n || whole === 0n) continue;
    const width = Math.max(NARROW, (Number(stored) / Number(whole)) * 100);
    parts.push(
      html`<rect class="${kindClass(kind)}" x="${percent(at)}" width="${percent(width)}" height="100%"><title>${kind}: ${sizeText(stored)}</title></rect>`,
    );
    // A gap beside a part that is as narrow as the gap would hide it.
    if (at > 2 && width > 2) parts.push(html`<rect class="gap" x="${percent(at)}" width="2" height="100%"/>`);
    at += width;
  }
  const text = memoryKinds
    .filter((kind) => memory[kind].stored > 0n)
    .map((kind) => `${kind} ${sizeText(memory[kind].stored)}`)
    .join(', ');
  return html`<svg role="img" aria-label="${text || 'nothing stored'}">${parts}</svg>`;
}

/** Mappings that are drawn in one row. */
export interface Region {
  readonly mappings: readonly MappingUse[];
  readonly start: bigint;
  readonly end: bigint;
  /** Unmapped bytes before it; 0 for the first. */
  readonly hole: bigint;
}

/** A hole at least this long is not drawn to scale. */
const HOLE = 64n << 20n;
/** How wide such a hole is where it parts the islands in a row. */
const BREAK = 5;
/** Regions up to this weight share a row with others, as lonely islands, up to that weight of all. */
const ISLAND = 24;
const ARCHIPELAGO = 600;

/** Widths grow with the square root of the size, so that one page and one gigabyte are both to be seen. */
const weight = (bytes: bigint): number => (bytes > 0n ? Math.sqrt(Number(bytes) / 4096) : 0);

/** Cuts an address space at its large holes; small regions that follow each other are put into one row. */
export function regionsOf(mappings: readonly MappingUse[]): Region[] {
  const regions: Region[] = [];
  const add = (group: readonly MappingUse[]): void => {
    const before = regions.at(-1);
    const start = group[0]!.start;
    const next = { mappings: group, start, end: group.at(-1)!.end, hole: start - (before?.end ?? start) };
    const joined = before && { ...before, mappings: [...before.mappings, ...group], end: next.end };
    const islands = joined !== undefined && lastIsland(before!) <= ISLAND && regionWeight(next) <= ISLAND;
    if (islands && regionWeight(joined) <= ARCHIPELAGO) regions[regions.length - 1] = joined;
    else regions.push(next);
  };
  let group: MappingUse[] = [];
  for (const mapping of mappings) {
    const before = group.at(-1);
    if (before !== undefined && mapping.start - before.end >= HOLE) {
      add(group);
      group = [];
    }
    group.push(mapping);
  }
  if (group.length > 0) add(group);
  return regions;
}

/** Weight of what comes after the last large hole of a row. */
function lastIsland(region: Region): number {
  let sum = 0;
  let start: bigint | undefined;
  for (const mapping of region.mappings.toReversed()) {
    if (start !== undefined && start - mapping.end >= HOLE) return sum;
    sum += weight(mapping.size);
    start = mapping.start;
  }
  return sum;
}

const holeWeight = (bytes: bigint): number => (bytes <= 0n ? 0 : bytes >= HOLE ? BREAK : weight(bytes));

export function regionWeight(region: Pick<Region, 'mappings' | 'start'>): number {
  let sum = 0;
  let end = region.start;
  for (const mapping of region.mappings) {
    sum += weight(mapping.size) + holeWeight(mapping.start - end);
    end = mapping.end;
  }
  return sum;
}

/** One region: outlines for what can not be touched, pale for what is mapped, and filled as far as pages are stored. */
export function regionStrip(region: Region): Html {
  const sum = regionWeight(region) || 1;
  const parts: Html[] = [];
  let at = 0;
  let end = region.start;
  for (const mapping of region.mappings) {
    const hole = mapping.start - end;
    const skip = (holeWeight(hole) / sum) * 100;
    if (hole >= HOLE) {
      const title = html`<title>${sizeText(hole)} unmapped</title>`;
      parts.push(
        html`<rect class="gap" x="${percent(at)}" width="${percent(skip)}" height="100%">${title}</rect>`,
      );
    }
    at += skip;
    end = mapping.end;
    const width = (weight(mapping.size) / sum) * 100;
    const x = percent(at);
    const w = percent(width);
    const name = kindClass(mapping.kind);
    const title = html`<title>${mapping.what || mapping.kind}
0x${mapping.start.toString(16)} ${mapping.prot} ${sizeText(mapping.size)}, ${sizeText(mapping.stored)} stored</title>`;
    const outline = mapping.prot === '---' && mapping.stored === 0n;
    parts.push(
      outline
        ? html`<rect class="none" x="${x}" width="${w}" height="100%" pointer-events="all">${title}</rect>`
        : html`<rect class="pale ${name}" x="${x}" width="${w}" height="100%">${title}</rect>`,
    );
    if (mapping.stored > 0n) {
      const full = Math.max(8, Math.min(100, (Number(mapping.stored) / (Number(mapping.size) || 1)) * 100));
      parts.push(
        html`<rect class="${name}" x="${x}" width="${w}" y="${percent(100 - full)}" height="${percent(full)}" pointer-events="none"/>`,
      );
    }
    at += width;
  }
  return html`<svg role="img" aria-label="${region.mappings.length} mappings">${parts}</svg>`;
}
