// Formats statistics for `--display-stats`, in the same lines as CRIU.
import type { DumpStats, RestoreStats } from '../options.js';

const micros = (name: string, value: number) => `${name}: ${value} us`;
const pages = (name: string, value: number) => `${name}: ${value} (0x${value.toString(16)})`;

export function dumpStatsText(stats: DumpStats): string {
  return [
    'Displaying dump stats:',
    micros('Freezing time', stats.freezingTime),
    micros('Frozen time', stats.frozenTime),
    micros('Memory dump time', stats.memdumpTime),
    micros('Memory write time', stats.memwriteTime),
    micros('IRMAP resolve time', 0),
    pages('Memory pages scanned', stats.pagesScanned),
    pages('Memory pages skipped from parent', stats.pagesSkippedParent),
    pages('Memory pages written', stats.pagesWritten),
    pages('Lazy memory pages', 0),
    '',
  ].join('\n');
}

export function restoreStatsText(stats: RestoreStats): string {
  return [
    'Displaying restore stats:',
    pages('Pages compared', stats.pagesCompared),
    pages('Pages skipped COW', stats.pagesSkippedCow),
    pages('Pages restored', stats.pagesRestored),
    micros('Restore time', stats.restoreTime),
    micros('Forking time', stats.forkingTime),
    '',
  ].join('\n');
}
