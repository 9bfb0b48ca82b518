// Writes compressed pages into files of the images directory (--compress, --compress-region).

import { availableParallelism } from 'node:os';
import type { PagemapEntry } from '@criu/images';
import { PAGE, PAGE_SIZE, PageCodec } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import type { ImageWriter } from '../../images/writer.js';
import type { Packing } from '../packing.js';
import { type PageJob, type PageRuns, pageError, sourceRanges } from '../runs.js';
import type { PageSink } from './sink.js';

const PRESENT = 4;
const MOST_THREADS = 8;

export class PackedPages implements PageSink {
  /** Entries are complete only when the pages have been written. */
  readonly late = true;

  constructor(
    private readonly images: ImageWriter,
    private readonly packing: Packing,
  ) {}

  place(job: PageJob, runs: PageRuns): () => Promise<PageRuns> {
    const id = this.images.newPagesId('pid' in job.which ? 'task' : 'shared');
    const which = 'pid' in job.which ? { id: job.which.pid } : { id: job.which.shmid, pattern: 1 };
    const { codec } = this.packing;
    this.images.add(
      'PAGEMAP',
      { pages_id: id, ...(codec === PageCodec.LZ4 ? {} : { page_codec: codec }) },
      which,
    );
    // The sizes of the blocks are filled in when they are known.
    const entries = runs.pages.map(
      ({ start, end, flags }): PagemapEntry => ({
        vaddr: start,
        compat_nr_pages: 0,
        flags,
        nr_pages: (end - start) / PAGE,
        compressed_size: [],
      }),
    );
    for (const entry of entries) this.images.add('PAGEMAP', entry, which);
    return async () => {
      await this.move(job, runs, entries, `pages-${id}.img`);
      return runs;
    };
  }

  private async move(job: PageJob, runs: PageRuns, entries: PagemapEntry[], file: string): Promise<void> {
    const { pid, fd, running } = job;
    const { codec, region, acceleration } = this.packing;
    const out = this.images.openRaw(file);
    try {
      const ranges = sourceRanges(job, runs.ranges);
      const threads = Math.min(availableParallelism(), MOST_THREADS);
      const how = [region, codec, acceleration, threads, running] as const;
      const packed = await addon().packToFile(pid, fd, ranges, out, ...how);
      if (packed.errno) {
        const what = `cannot pack memory at 0x${packed.address.toString(16)}`;
        throw pageError(job, what, new SysError('packing pages', packed.errno));
      }
      this.setSizes(entries, packed.sizes);
    } catch (error) {
      throw pageError(job, `cannot write ${file}`, error);
    } finally {
      closeSync(out);
    }
  }

  private setSizes(entries: readonly PagemapEntry[], sizes: Uint32Array): void {
    const { region } = this.packing;
    let next = 0;
    for (const entry of entries) {
      if (!((entry.flags ?? 0) & PRESENT)) continue;
      const count = Math.ceil((Number(entry.nr_pages) * PAGE_SIZE) / region);
      // There can be one for each page: an array that grows would take several times as much memory.
      const mine = new Array<number>(count);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const size = sizes[next++] ?? 0;
        mine[i] = size;
        sum += size;
      }
      entry.compressed_size = mine;
      entry.total_compressed_size = BigInt(sum);
      if (region > PAGE_SIZE) entry.region_pages = region / PAGE_SIZE;
    }
  }
}
