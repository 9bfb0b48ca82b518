// The chart of an address space: strips with the mappings in order. Their widths are proportional to the square root of
// their sizes.
import { kindClass } from './bars.js';
import { type Child, h, plural, sizeText, svg } from './dom.js';
import { type Model, string, type Task } from './model.js';
import { HOLE, holeWeight, mapped, type Region, regionsOf, regionWeight, weight } from './regions.js';

/** Limit of rows for one process. */
const MOST = 80;

const percent = (value: number): string => `${Number(value.toFixed(3))}%`;

export function addressMap(model: Model, task: Task): HTMLElement {
  const regions = regionsOf(mapped(task.mappings));
  const shown = regions.slice(0, MOST);
  const most = Math.max(1, ...shown.map(regionWeight));
  return h(
    'div.map',
    {},
    shown.map((region, index) => [
      index > 0 && h('div.hole', {}, `${sizeText(region.hole)} unmapped`),
      row(model, region, most),
    ]),
    regions.length > MOST &&
      h('p.note', {}, `${plural(regions.length - MOST, 'more row')} are in the table.`),
  );
}

function row(model: Model, region: Region, most: number): HTMLElement {
  const strip = h('div.strip', {}, drawn(model, region));
  strip.style.width = percent((regionWeight(region) / most) * 100);
  return h(
    'div.region',
    {},
    h('code', {}, `0x${region.start.toString(16)}`),
    h('div.track', {}, strip),
    h('span.num', {}, sizeText(region.mappings.reduce((sum, { row: [, size] }) => sum + size, 0))),
  );
}

/** Draws inaccessible mappings as outlines and others pale, filled in proportion to their stored pages. */
function drawn(model: Model, region: Region): SVGElement {
  const sum = regionWeight(region) || 1;
  const parts: Child[] = [];
  let at = 0;
  let end = region.start;
  for (const mapping of region.mappings) {
    const [start, size, protPlace, kindPlace, whatPlace, stored] = mapping.row;
    const hole = mapping.start - end;
    const skip = (holeWeight(hole) / sum) * 100;
    if (hole >= HOLE) {
      const title = svg('title', {}, `${sizeText(hole)} unmapped`);
      parts.push(svg('rect', { class: 'gap', x: percent(at), width: percent(skip), height: '100%' }, title));
    }
    at += skip;
    end = mapping.end;
    const width = (weight(size) / sum) * 100;
    const kind = model.kinds[kindPlace] ?? '';
    const prot = string(model, protPlace);
    const what = string(model, whatPlace) || kind;
    const title = svg(
      'title',
      {},
      `${what}\n0x${start} ${prot} ${sizeText(size)}, ${sizeText(stored)} stored`,
    );
    const place = { x: percent(at), width: percent(width) };
    const outline = prot === '---' && stored === 0;
    const look = outline ? 'none' : `pale ${kindClass(kind)}`;
    parts.push(svg('rect', { class: look, ...place, height: '100%', 'pointer-events': 'all' }, title));
    if (stored > 0) {
      const full = Math.max(8, Math.min(100, (stored / (size || 1)) * 100));
      parts.push(
        svg('rect', {
          class: kindClass(kind),
          ...place,
          y: percent(100 - full),
          height: percent(full),
          'pointer-events': 'none',
        }),
      );
    }
    at += width;
  }
  return svg('svg', { role: 'img', 'aria-label': plural(region.mappings.length, 'mapping') }, parts);
}
