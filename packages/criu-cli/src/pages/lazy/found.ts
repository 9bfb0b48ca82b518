// Pages that are given when they are asked for: of tasks that stand still, and of images.
import type { ImageSet, PageMemory } from '@criu/images';
import { closeSync } from '@criu/native/fs';
import { asCriuError } from '../../errors.js';
import { asNsPid } from '../../proc/pids.js';
import { earlier, indexFrom, type Range } from '../ranges.js';
import { fromImages, rangesOf } from '../sources/images.js';
import type { StoredRange } from '../sources/source.js';
import { openStored } from '../sources/unpacked.js';
import type { FoundPages, OnDemandPages } from './serve.js';

/** Memory of tasks that was left out of the images. */
export class TaskPages implements OnDemandPages {
  private readonly tasks = new Map<bigint, { readonly pid: number; readonly ranges: readonly Range[] }>();

  /** `nsPid`: as images have it. */
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

/** Pages of an images directory, earlier dumps included. */
export class StoredPages implements OnDemandPages {
  private readonly known = new Map<bigint, readonly StoredRange[]>();
  private readonly files = new Map<string, number>();
  private readonly packed = new Map<string, PageMemory>();

  constructor(private readonly set: ImageSet) {}

  find(pid: bigint, address: bigint, bytes: bigint): FoundPages | undefined {
    const ranges = this.ranges(pid);
    const range = ranges[indexFrom(ranges, address)];
    if (!range || range.start > address) return undefined;
    const at = BigInt(range.offset) + (address - range.start);
    return { pid: 0, fd: this.open(range.file), at, bytes: earlier(range.end - address, bytes) };
  }

  private ranges(pid: bigint): readonly StoredRange[] {
    let ranges = this.known.get(pid);
    if (ranges) return ranges;
    try {
      const memory = this.set.memory(asNsPid(Number(pid)));
      ranges = memory ? rangesOf(memory, { packed: this.packed }) : [];
    } catch (error) {
      throw asCriuError(fromImages(error), 'cannot read the images', { file: this.set.dir });
    }
    this.known.set(pid, ranges);
    return ranges;
  }

  private open(file: string): number {
    let fd = this.files.get(file);
    if (fd === undefined) {
      try {
        fd = openStored(file, this.packed.get(file));
      } catch (error) {
        throw asCriuError(error, 'cannot open a pages image', { file });
      }
      this.files.set(file, fd);
    }
    return fd;
  }

  /** How many were asked for. */
  get addressSpaces(): number {
    return this.known.size;
  }

  close(): void {
    for (const fd of this.files.values()) closeSync(fd);
    this.files.clear();
  }
}
