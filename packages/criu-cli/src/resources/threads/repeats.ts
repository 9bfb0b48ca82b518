// Threads whose plans show the same as those of others: the guard of a dump plans one of each sort.
import type { ImageThread } from '../../images/checkpoint.js';

/** Whether two values lead to the same steps, with other numbers: of addresses and masks it counts whether they are 0. */
function alike(a: unknown, b: unknown): boolean {
  if (typeof a === 'bigint' && typeof b === 'bigint') return (a === 0n) === (b === 0n);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  let fields = 0;
  for (const name in one) {
    if (one[name] === undefined) continue;
    fields++;
    // Any name is as good as another.
    if (name !== 'comm' && !alike(one[name], other[name])) return false;
  }
  for (const name in other) if (other[name] !== undefined) fields--;
  return fields === 0;
}

/** All threads but those that are like an earlier one, apart from their signals. */
export function withoutRepeats(threads: readonly ImageThread[]): ImageThread[] {
  const kept: ImageThread[] = [];
  let last: ImageThread | undefined;
  for (const thread of threads) {
    const { thread_core: core } = thread.core;
    if (last && !core.signals_p?.signals.length && alike(last.core.thread_core, core)) continue;
    kept.push(thread);
    last = thread;
  }
  return kept;
}
