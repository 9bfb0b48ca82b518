// Sorts kinds of state by dependency. The dependencies are data, each with its reason.
import { CriuError } from '../errors.js';

/** A dependency: the name of the kind of state that has to come first, and why. */
export interface Need {
  readonly of: string;
  readonly why: string;
}

/**
 * Sorts items so that each comes after all items it needs; otherwise they keep the order of the list.
 * @param rank items with a lower rank come first, as far as the needs allow
 * @throws CriuError INTERNAL for a need that is not in the list, and for a cycle of needs
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
  // An item inherits the lowest rank of the items that need it.
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
