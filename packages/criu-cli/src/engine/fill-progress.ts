// How far a restore is with the memory of its tasks. Their own agents read it, so what they have is looked up from outside.
import type { RestoreOptions } from '../options.js';
import { totalOf } from '../pages/ranges.js';
import type { PageSource } from '../pages/sources/source.js';
import { ProcError, readStatus } from '../proc/index.js';
import { Stopwatch } from '../stopwatch.js';
import type { TaskRun } from './plan.js';

const SHOW_MS = 200;
/** What is there before one looks is not told of. */
const LEAST = 16 << 20;

interface Filling {
  readonly hostPid: number;
  readonly bytes: number;
}

/** Bytes of a task that are there. */
function there({ hostPid, bytes }: Filling): number {
  try {
    return Math.min(bytes, readStatus(hostPid).rssAnon ?? 0);
  } catch (error) {
    // It has ended; whoever waits for it says so.
    if (error instanceof ProcError) return 0;
    throw error;
  }
}

/** Says again and again how far it is, until it is disposed of. Not for memory that comes when the tasks run. */
export function showFilling(
  { onProgress, lazy, lazyPages }: RestoreOptions,
  pages: PageSource,
  runs: readonly TaskRun[],
): Disposable {
  const nothing = { [Symbol.dispose]() {} };
  if (!onProgress || lazy || lazyPages || !pages.readable) return nothing;
  const fillings = runs.map(({ plan, hostPid }) => ({
    hostPid,
    bytes: totalOf(pages.ranges({ pid: plan.pid })),
  }));
  const total = fillings.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < LEAST) return nothing;
  const watch = new Stopwatch();
  let done = 0;
  const timer = setInterval(() => {
    // A mapping may be moved meanwhile: nothing of that is taken back.
    done = Math.max(
      done,
      fillings.reduce((sum, filling) => sum + there(filling), 0),
    );
    const rate = done / (watch.milliseconds / 1000);
    const rest = rate > 0 ? { rate, remaining: (total - done) / rate } : {};
    onProgress({ phase: 'execute', message: 'reading memory', done, total, ...rest });
  }, SHOW_MS);
  // It keeps nobody waiting.
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
