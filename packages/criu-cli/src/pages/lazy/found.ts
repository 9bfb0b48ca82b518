// Pages that are served on request: from stopped tasks, or from images.
import type { ImageSet } from '@criu/images';
import { asNsPid } from '../../proc/pids.js';
import { earlier, indexFrom, type Range } from '../ranges.js';
import { ImagePages } from '../sources/images.js';
import type { FoundPages, OnDemandPages } from './serve.js';

/** Memory of stopped tasks that was left out of the images. */
export class TaskPages implements OnDemandPages {
  private readonly tasks = new Map<bigint, { readonly pid: number; readonly ranges: readonly Range[] }>();

  /**
   * @param nsPid pid as images have it
   * @param pid pid as this process sees it
   */
  add(nsPid: number, pid: number, ranges: readonly Range[]): void {
    this.tasks.set(BigInt(nsPid), { pid, ranges });
  }

  find(nsPid: bigint, address: bigint, bytes: bigint): FoundPages | undefined {
    const task = this.tasks.get(nsPid);
    const range = task?.ranges[indexFrom(task.ranges, address)];
    if (!task || !range || range.start > address) return undefined;
    return { pid: task.pid, fd: -1, at: address, bytes: earlier(range.end - address, bytes) };
  }
}

/** Pages of an images directory, including its parent checkpoints. */
export class StoredPages implements OnDemandPages {
  private readonly pages: ImagePages;

  constructor(set: ImageSet) {
    this.pages = new ImagePages(set);
  }

  find(pid: bigint, address: bigint, bytes: bigint): FoundPages | undefined {
    const ranges = this.pages.ranges({ pid: asNsPid(Number(pid)) });
    const range = ranges.at(ranges.indexFrom(Number(address)));
    if (!range || range.start > address) return undefined;
    const at = BigInt(range.offset) + (address - range.start);
    return { pid: 0, fd: this.pages.keepOpen(range.file), at, bytes: earlier(range.end - address, bytes) };
  }

  /** Number of address spaces of which pages were requested. */
  get addressSpaces(): number {
    return this.pages.addressSpaces;
  }

  close(): void {
    this.pages.close();
  }
}
