// Writes pages into files of the images directory.
import { availableParallelism } from 'node:os';
import { addon, type HugePart, SysError, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ImageWriter } from '../../images/writer.js';
import { setDirect } from '../direct.js';
import { type PageJob, type PageRuns, pageError, sourceRanges } from '../runs.js';
import type { PagesFile, PreparedPages } from './prepared.js';
import type { Move, PageSink } from './sink.js';

const THREADS = 2;
/** Direct writes wait for the device, so more of them run at a time. */
const DIRECT_THREADS = 8;
const SMALL = 32 << 20;
/**
 * Number of threads for small copies: one CPU is left for reading the state of the stopped tasks, which does not take
 * long.
 */
const SMALL_THREADS = Math.min(THREADS, Math.max(1, availableParallelism() - 1));

export class LocalPages implements PageSink {
  /** Writers of one file exclude each other (inode lock), writers of two files do not. */
  readonly atOnce = 2;

  constructor(
    private readonly images: ImageWriter,
    private readonly prepared: PreparedPages | undefined,
    /** Write past the page cache (O_DIRECT), where that is possible. */
    private readonly direct = false,
  ) {}

  place(job: PageJob, runs: PageRuns): Move {
    const file = job.pid ? this.prepared?.take(job.pid) : undefined;
    const id = file?.id ?? this.images.newPagesId('pid' in job.which ? 'task' : 'shared');
    const which = 'pid' in job.which ? { id: job.which.pid } : { id: job.which.shmid, pattern: 1 };
    this.images.addPagemap({ pages_id: id }, runs.columns, which);
    return async (alone) => {
      await this.move(job, runs, { id, file, alone });
      return runs;
    };
  }

  private async move(job: PageJob, runs: PageRuns, { id, file, alone }: Place): Promise<void> {
    const out = file?.fd ?? this.images.openRaw(`pages-${id}.img`);
    try {
      const direct = this.direct && setDirect(out);
      // Writers of a growing file exclude each other (inode lock), so it gets its full size first.
      if (direct) sysRaw('fallocate', out, 0, 0, runs.bytes);
      await copy(job, runs, out, { huge: file?.huge, direct, alone });
      if (file) file.length = runs.bytes;
    } catch (error) {
      throw pageError(job, `cannot write pages-${id}.img`, error);
    } finally {
      if (!file) closeSync(out);
    }
  }
}

interface Place {
  readonly id: number;
  readonly file: PagesFile | undefined;
  readonly alone: boolean;
}

interface Way {
  readonly huge: HugePart | undefined;
  readonly direct: boolean;
  readonly alone: boolean;
}

function threadsFor({ bytes }: PageRuns, { direct, alone }: Way): number {
  if (direct) return DIRECT_THREADS;
  if (!alone) return 1;
  return bytes > SMALL ? THREADS : SMALL_THREADS;
}

async function copy(job: PageJob, runs: PageRuns, out: number, way: Way): Promise<void> {
  const threads = threadsFor(runs, way);
  const ranges = sourceRanges(job, runs.ranges);
  const { pid, fd, running } = job;
  const { errno, address } = await addon().pumpToFile(pid, fd, ranges, out, 0, threads, running, way.huge);
  if (!errno) return;
  const what = `cannot copy memory at 0x${address.toString(16)}`;
  throw pageError(job, what, new SysError('page pump', errno));
}
