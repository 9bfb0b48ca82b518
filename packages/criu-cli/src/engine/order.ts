// Sorts kinds of state by what they need before them. The order is data: each need says why.
import { CriuError } from '../errors.js';

/** Something that has to come before, by its name, and the reason. */
export interface Need {
  readonly of: string;
  readonly why: string;
}

/**
 * The items so that each comes behind all it needs; those that need nothing of each other keep the order of the list.
 * @param rank items with a lower rank come first, as far as needs allow
 * @throws CriuError INTERNAL for a need that nobody meets, or needs in a circle
 */
export function sortByNeeds<T extends { readonly name: string }>(
  items: readonly T[],
  needsOf: (item: T) => readonly Need[],
  rank: (item: T) => number = () => 0,
): T[] {
  const names = new Set(items.map(({ name }) => name));
  for (const item of items)
    for (const { of } of needsOf(item))
      if (!names.has(of)) throw new CriuError('INTERNAL', `${item.name} needs ${of}, which is not there`);
  // Who is needed early is early.
  const ranks = new Map(items.map((item) => [item.name, rank(item)]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const item of items) {
      const own = ranks.get(item.name) ?? 0;
      for (const { of } of needsOf(item)) {
        if ((ranks.get(of) ?? 0) <= own) continue;
        ranks.set(of, own);
        changed = true;
      }
    }
  }
  const rankOf = ({ name }: T) => ranks.get(name) ?? 0;
  const left = [...items].sort((a, b) => rankOf(a) - rankOf(b));
  const done = new Set<string>();
  const out: T[] = [];
  while (left.length > 0) {
    const next = left.findIndex((item) => needsOf(item).every(({ of }) => done.has(of)));
    const [item] = next < 0 ? [] : left.splice(next, 1);
    if (!item) throw new CriuError('INTERNAL', `${left.map(({ name }) => name).join(', ')} need each other`);
    done.add(item.name);
    out.push(item);
  }
  return out;
}
