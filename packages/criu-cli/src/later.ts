// The later part of the bundle that this runs from, if it is one that has such a part (later.mjs of this package).

const LATER = Symbol.for('criu.later');

/** Loads it, which takes a few milliseconds, so that these are not spent when something of it is used for the first time. */
export function loadLater(): void {
  const { [LATER]: load } = globalThis as { readonly [LATER]?: () => unknown };
  load?.();
}
