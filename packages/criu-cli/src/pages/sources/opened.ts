// Pages of an images directory, earlier dumps included, with the files open that have them: for whoever asks again and again.
import type { ImageSet, PageMemory } from '@criu/images';
import { closeSync } from '@criu/native/fs';
import { asCriuError } from '../../errors.js';
import { openMemory, type WhichMemory } from '../../images/memory.js';
import { fromImages, rangesOf } from './images.js';
import type { StoredRange } from './source.js';
import { openStored } from './unpacked.js';

/** What of it is read and opened, is so once. */
export class OpenedPages {
  private readonly known = new Map<string, readonly StoredRange[]>();
  private readonly files = new Map<string, number>();
  private readonly packed = new Map<string, PageMemory>();

  constructor(
    private readonly set: ImageSet,
    /** Whose images they are, for messages: "cannot read … `what`". */
    private readonly what: string,
    /** Told of each file that is opened. */
    private readonly opened: (fd: number) => void = () => {},
  ) {}

  /** Memories that were asked for. */
  get memories(): number {
    return this.known.size;
  }

  /** All pages that there are of a memory, in the order of their addresses. @throws CriuError */
  ranges(which: WhichMemory): readonly StoredRange[] {
    const key = 'pid' in which ? `pid ${which.pid}` : `shmid ${which.shmid}`;
    let ranges = this.known.get(key);
    if (ranges) return ranges;
    try {
      const memory = openMemory(this.set, which);
      ranges = memory ? rangesOf(memory, { packed: this.packed }) : [];
    } catch (error) {
      throw asCriuError(fromImages(error), `cannot read ${this.what}`, { file: this.set.dir });
    }
    this.known.set(key, ranges);
    return ranges;
  }

  /** A descriptor of a file that ranges name; it stays ours. @throws CriuError */
  open(file: string): number {
    let fd = this.files.get(file);
    if (fd === undefined) {
      try {
        fd = openStored(file, this.packed.get(file));
      } catch (error) {
        throw asCriuError(error, `cannot open ${this.what}`, { file });
      }
      this.opened(fd);
      this.files.set(file, fd);
    }
    return fd;
  }

  close(): void {
    for (const fd of this.files.values()) closeSync(fd);
    this.files.clear();
  }
}
