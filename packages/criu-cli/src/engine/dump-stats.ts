// The statistics of a dump: part of its result, and the image `stats-dump`, with the origin of the images.
import { hostname, release } from 'node:os';
import type { DumpOriginEntry } from '@criu/images';
import { CRIU_VERSION } from '../criu-version.js';
import { asCriuError } from '../errors.js';
import { writeImageFile } from '../images/writer.js';
import type { DumpStats } from '../options.js';
import type { DumpContext } from './dump-context.js';

export function dumpStats({ stats }: DumpContext): DumpStats {
  const { shpagesScanned: _a, shpagesSkippedParent: _b, shpagesWritten: _c, pagesLazy: _d, ...shown } = stats;
  return shown;
}

/** The time, machine and program of the dump. */
function origin(): DumpOriginEntry {
  return {
    dumped_at: BigInt(Math.floor(Date.now() / 1000)),
    dumped_by: `criu ${CRIU_VERSION} (TypeScript)`,
    kernel: release(),
    machine: hostname(),
  };
}

/** Writes `stats-dump`. A failure is only logged: the dump is complete, and the tasks may have been killed already. */
export function writeStats(ctx: DumpContext): void {
  const { stats, options } = ctx;
  try {
    writeImageFile(options.workDir ?? options.imagesDir, 'stats-dump', 'STATS', {
      dump: {
        freezing_time: stats.freezingTime,
        frozen_time: stats.frozenTime,
        memdump_time: stats.memdumpTime,
        memwrite_time: stats.memwriteTime,
        pages_scanned: BigInt(stats.pagesScanned),
        pages_skipped_parent: BigInt(stats.pagesSkippedParent),
        pages_written: BigInt(stats.pagesWritten),
        irmap_resolve: 0,
        pages_lazy: BigInt(stats.pagesLazy),
        page_pipes: 0n,
        page_pipe_bufs: 0n,
        shpages_scanned: BigInt(stats.shpagesScanned),
        shpages_skipped_parent: BigInt(stats.shpagesSkippedParent),
        shpages_written: BigInt(stats.shpagesWritten),
      },
      origin: origin(),
    });
  } catch (error) {
    ctx.log.warn(`no statistics: ${asCriuError(error, 'cannot write them').explain()}`);
  }
}
