// Progress of a restore in reading memory. The agents read the pages themselves, so progress is measured from outside,
// by RssAnon in /proc/pid/status.
import type { RestoreOptions } from '../options.js';
import type { PageSource } from '../pages/sources/source.js';
import { ProcError, readStatus } from '../proc/index.js';
import { Stopwatch } from '../stopwatch.js';
import type { TaskRun } from './plan.js';

/** Interval between two reports, in milliseconds. */
const SHOW_MS = 200;
/** Bytes; for less memory no progress is shown, as it is read before the first report. */
const LEAST = 16 << 20;

interface Filling {
  readonly hostPid: number;
  readonly bytes: number;
}

/** Bytes of a task's memory that have been read so far. */
function there({ hostPid, bytes }: Filling): number {
  try {
    return Math.min(bytes, readStatus(hostPid).rssAnon ?? 0);
  } catch (error) {
    // The task has ended; the code that waits for its agent reports that.
    if (error instanceof ProcError) return 0;
    throw error;
  }
}

/**
 * Calls `onProgress` at intervals, until it is disposed of. Does nothing for lazy pages, which come while the tasks
 * run.
 */
export function showFilling(
  { onProgress, lazy, lazyPages }: RestoreOptions,
  pages: PageSource,
  runs: readonly TaskRun[],
): Disposable {
  const nothing = { [Symbol.dispose]() {} };
  if (!onProgress || lazy || lazyPages || !pages.readable) return nothing;
  const fillings = runs.map(({ plan, hostPid }) => ({
    hostPid,
    bytes: pages.ranges({ pid: plan.pid }).bytes,
  }));
  const total = fillings.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < LEAST) return nothing;
  const watch = new Stopwatch();
  let done = 0;
  const timer = setInterval(() => {
    // RssAnon may go down for a moment while a mapping is moved; the reported value must not.
    done = Math.max(
      done,
      fillings.reduce((sum, filling) => sum + there(filling), 0),
    );
    const rate = done / (watch.milliseconds / 1000);
    const rest = rate > 0 ? { rate, remaining: (total - done) / rate } : {};
    onProgress({ phase: 'execute', message: 'reading memory', done, total, ...rest });
  }, SHOW_MS);
  // The timer must not keep the process alive.
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
