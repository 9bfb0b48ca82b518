// Maximum and minimum of two addresses.

/** Above every address. */
export const EVERYWHERE = 1n << 64n;

export function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}
