// Random access to the contents of an address space. Small contents, which are the most frequent, are read with one
// call.
import { readSync } from '@criu/native/fs';
import { asCriuError } from '../../errors.js';
import type { WhichMemory } from '../../images/memory.js';
import type { OpenFiles } from './open-files.js';
import type { PageSource } from './source.js';
import type { StoredRuns } from './stored.js';

/** Maximal size in bytes of contents that are read with one call. */
export const SMALL = 1 << 20;

export class Contents {
  /** All bytes of the pages image from offset `from` on; undefined if they are too large for one call. */
  private whole: { readonly bytes: Buffer; readonly from: number } | undefined;
  private looked = false;

  constructor(
    private readonly pages: PageSource,
    private readonly which: WhichMemory,
    private readonly files: OpenFiles,
    /** Buffer of SMALL bytes for small contents, which must not hold other contents at the same time. */
    private readonly room?: Buffer,
  ) {}

  private get ranges(): StoredRuns {
    return this.pages.ranges(this.which);
  }

  get packed(): boolean {
    return this.pages.packed(this.which);
  }

  /** Bytes at an address; undefined if a part of them is not stored. @throws CriuError */
  read(start: bigint, bytes: number): Buffer | undefined {
    if (!this.looked) {
      this.looked = true;
      this.whole = this.readWhole();
    }
    const { whole } = this;
    const { starts, ends, offsets } = this.ranges;
    const first = Number(start);
    const i = whole ? this.ranges.indexFrom(first) : ends.length;
    const from = starts[i] ?? Infinity;
    if (!whole || from > first || (ends[i] ?? 0) < first + bytes)
      return this.pages.read(this.which, start, bytes, this.files);
    const at = (offsets[i] ?? 0) + first - from - whole.from;
    return at + bytes <= whole.bytes.length ? whole.bytes.subarray(at, at + bytes) : undefined;
  }

  private readWhole(): Contents['whole'] {
    const { ranges } = this;
    const [file, other] = ranges.files;
    if (file === undefined || other !== undefined || this.packed) return undefined;
    const from = ranges.offsets.reduce((least, offset) => Math.min(least, offset), Infinity);
    const end = ranges.offsets.reduce((most, offset, i) => Math.max(most, offset + ranges.size(i)), 0);
    if (end - from > SMALL) return undefined;
    const bytes = this.room?.subarray(0, end - from) ?? Buffer.allocUnsafe(end - from);
    return { bytes: bytes.subarray(0, readAt(this.files, file, bytes, from)), from };
  }
}

function readAt(files: OpenFiles, file: string, into: Buffer, offset: number): number {
  try {
    return readSync(files.of(file), into, 0, into.length, offset);
  } catch (error) {
    throw asCriuError(error, 'cannot read pages', { file });
  }
}
