// Bars of memory by kind.
import { type Child, h, sizeText, svg } from './dom.js';
import type { Model } from './model.js';

/** Minimal width of a visible part in percent. */
const NARROW = 0.6;

export const kindClass = (kind: string): string => `k-${kind.replace(' ', '-')}`;

/** Names of the kinds of memory. */
export const KIND_NAMES: Readonly<Record<string, string>> = {
  anonymous: 'Anonymous',
  heap: 'Heap',
  stack: 'Stack',
  shared: 'Shared memory',
  file: 'Private mappings of files',
  'shared file': 'Shared mappings of files',
  kernel: 'Provided by the kernel',
};

/** Parts side by side. `whole` is the value of the full width. */
export function memoryBar(model: Model, stored: readonly number[], whole: number): SVGElement {
  let at = 0;
  const parts: Child[] = [];
  const words: string[] = [];
  for (const [index, kind] of model.kinds.entries()) {
    const bytes = stored[index] ?? 0;
    if (bytes === 0 || whole === 0) continue;
    const width = Math.max(NARROW, (bytes / whole) * 100);
    words.push(`${kind} ${sizeText(bytes)}`);
    parts.push(
      svg(
        'rect',
        { class: kindClass(kind), x: `${at.toFixed(2)}%`, width: `${width.toFixed(2)}%`, height: '100%' },
        svg('title', {}, `${kind}: ${sizeText(bytes)}`),
      ),
    );
    at += width;
  }
  return svg('svg', { role: 'img', 'aria-label': words.join(', ') || 'nothing stored' }, parts);
}

export function dot(kind: string): HTMLElement {
  return h(`span.dot.${kindClass(kind)}`, { 'aria-hidden': 'true' });
}

export function legend(kinds: readonly string[]): HTMLElement {
  return h(
    'ul.legend',
    {},
    kinds.map((kind) => h('li', {}, dot(kind), KIND_NAMES[kind] ?? kind)),
  );
}
