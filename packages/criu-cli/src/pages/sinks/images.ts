// Pages on their way into files of the images directory.
import { availableParallelism } from 'node:os';
import { addon, SysError, sys, sysRaw } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import { EINVAL } from '@criu/native/uapi';
import { asCriuError } from '../../errors.js';
import type { ImageWriter } from '../../images/writer.js';
import { type PageJob, type PageRuns, sourceRanges } from '../runs.js';
import { copyByReading } from './copy.js';
import type { PagesFile, PreparedPages } from './prepared.js';
import type { PageSink } from './sink.js';

const THREADS = 2;
const SMALL = 32 << 20;
/** While tasks stand still, one CPU belongs to whoever reads their state meanwhile; that is soon done. */
const SMALL_THREADS = Math.min(THREADS, Math.max(1, availableParallelism() - 1));

export class LocalPages implements PageSink {
  constructor(
    private readonly images: ImageWriter,
    private readonly prepared: PreparedPages | undefined,
  ) {}

  place(job: PageJob, runs: PageRuns): () => Promise<PageRuns> {
    const file = job.pid ? this.prepared?.take(job.pid) : undefined;
    const id = file?.id ?? this.images.newPagesId();
    const which = 'pid' in job.which ? { id: job.which.pid } : { id: job.which.shmid, pattern: 1 };
    this.images.add('PAGEMAP', { pages_id: id }, which);
    for (const entry of runs.entries) this.images.add('PAGEMAP', entry, which);
    return async () => {
      await this.move(job, runs, id, file);
      return runs;
    };
  }

  private async move(job: PageJob, runs: PageRuns, id: number, file: PagesFile | undefined): Promise<void> {
    const out = file?.fd ?? this.images.openRaw(`pages-${id}.img`);
    try {
      if (job.pid) await copyTask(job, runs, out, file);
      else copyFile(job.fd, runs, out);
      if (file || !job.pid) sys('ftruncate', out, runs.bytes);
    } catch (error) {
      throw asCriuError(error, `cannot write pages-${id}.img`, job.pid ? { pid: job.pid } : {});
    } finally {
      if (!file) closeSync(out);
    }
  }
}

async function copyTask(
  job: PageJob,
  runs: PageRuns,
  out: number,
  file: PagesFile | undefined,
): Promise<void> {
  const threads = runs.bytes > SMALL ? THREADS : SMALL_THREADS;
  const ranges = sourceRanges(job, runs.ranges);
  const result = await addon().pumpToFile(job.pid, ranges, out, 0, threads, file?.prepared, job.running);
  if (!result.errno) return;
  const at = `0x${result.address.toString(16)}`;
  throw asCriuError(new SysError('page pump', result.errno), `cannot copy memory at ${at}`, { pid: job.pid });
}

/** Copies between files inside the kernel; what lies beyond the end of the source stays a hole. */
function copyFile(from: number, { ranges }: PageRuns, to: number): void {
  for (let i = 0, written = 0; i < ranges.length; i += 2) {
    const seek = sysRaw('lseek', to, written, 0);
    if (seek < 0) throw new SysError('lseek', -seek);
    const position = new BigInt64Array([BigInt(ranges[i]!)]);
    const length = Number(ranges[i + 1]!);
    const place = written;
    written += length;
    for (let left = length; left > 0; ) {
      const n = sysRaw('sendfile', to, from, position, left);
      if (n === -EINVAL && left === length) {
        // Of huge pages.
        copyByReading(from, Number(ranges[i]!), to, place, length);
        break;
      }
      if (n < 0) throw new SysError('sendfile', -n);
      if (n === 0) break;
      left -= n;
    }
  }
}
