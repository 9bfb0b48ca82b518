// Times in nanoseconds, and in seconds with nanoseconds as struct timespec has them.

export const NSEC_PER_SEC = 1_000_000_000n;

/** Seconds, and nanoseconds from 0 to 999,999,999 (struct timespec), of a time that may be negative. */
export function splitSeconds(ns: bigint): { readonly sec: bigint; readonly nsec: bigint } {
  const nsec = ((ns % NSEC_PER_SEC) + NSEC_PER_SEC) % NSEC_PER_SEC;
  return { sec: (ns - nsec) / NSEC_PER_SEC, nsec };
}
