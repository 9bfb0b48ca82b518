// Pages of images, through the chain of parent checkpoints.
import {
  ImageError,
  type ImageSet,
  PAGE_SIZE,
  type PageMemory,
  type PagemapColumns,
  PagemapFlags,
} from '@criu/images';
import { closeSync, readSync, statSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import { openMemory, type WhichMemory } from '../../images/memory.js';
import { openDirect } from '../direct.js';
import { covers, type Range, sizeOf, union } from '../ranges.js';
import { OpenFiles } from './open-files.js';
import type { PageSource } from './source.js';
import { type StoredRange, StoredRuns } from './stored.js';
import { openStored } from './unpacked.js';

/** Converts an error of an image into an error of dump or restore. */
export function fromImages(error: unknown): unknown {
  if (!(error instanceof ImageError)) return error;
  const { code, reason, file } = error;
  return code === 'unresolved'
    ? new CriuError(
        'IMAGE_MISSING',
        reason,
        { file },
        'keep the directories of all earlier dumps that this one builds on, and their link `parent`',
        error,
      )
    : new CriuError('BAD_IMAGE', reason, { file }, undefined, error);
}

function checkLength(source: PageMemory): void {
  const have = statSync(source.file, { throwIfNoEntry: false })?.size;
  const need = source.storedBytes;
  if (have !== undefined && have >= need) return;
  throw new CriuError(
    have === undefined ? 'IMAGE_MISSING' : 'BAD_IMAGE',
    `the pages image has ${have ?? 0} of ${need} bytes`,
    { file: source.file },
    'the checkpoint is not complete',
  );
}

export interface ImagePagesOptions {
  /** What the pages are, for messages of the form "cannot read …". */
  readonly what?: string;
  /** False if contents cannot be read yet. Otherwise pages images must be as long as the pagemaps say. */
  readonly readable?: boolean;
  /** Skip pages that were left to be fetched lazily, instead of refusing them. */
  readonly later?: boolean;
  /** Called with each descriptor that is kept open. */
  readonly opened?: (fd: number) => void;
}

interface KnownMemory {
  readonly ranges: StoredRuns;
  /** The ranges that may come later. Computed on demand, since only lazy restores need them. */
  readonly later: () => readonly Range[];
}

/** The pages of images, including parent checkpoints; the only reader of them. Results and open files are cached. */
export class ImagePages implements PageSource {
  private readonly known = new Map<string, KnownMemory>();
  private readonly packedFiles = new Map<string, PageMemory>();
  private readonly kept = new Map<string, number>();
  private readonly what: string;
  readonly readable: boolean;

  constructor(
    private readonly set: ImageSet,
    private readonly options: ImagePagesOptions = {},
  ) {
    this.what = options.what ?? 'the pages of the images';
    this.readable = options.readable ?? true;
  }

  /** Number of address spaces and objects that were looked up. */
  get addressSpaces(): number {
    return this.known.size;
  }

  ranges(which: WhichMemory): StoredRuns {
    return this.of(which).ranges;
  }

  later(which: WhichMemory): readonly Range[] {
    return this.of(which).later();
  }

  packed(which: WhichMemory): boolean {
    return this.ranges(which).files.some((file) => this.packedFiles.has(file));
  }

  open(file: string, direct = false): number {
    const packed = this.packedFiles.get(file);
    try {
      return direct && !packed ? openDirect(file) : openStored(file, packed);
    } catch (error) {
      throw asCriuError(error, `cannot open ${this.what}`, { file });
    }
  }

  /** Opens a file that is read repeatedly; this object keeps and closes the descriptor. @throws CriuError */
  keepOpen(file: string): number {
    let fd = this.kept.get(file);
    if (fd === undefined) {
      fd = this.open(file);
      this.options.opened?.(fd);
      this.kept.set(file, fd);
    }
    return fd;
  }

  read(which: WhichMemory, start: bigint, bytes: number, files?: OpenFiles): Buffer | undefined {
    const wanted = { start, end: start + BigInt(bytes) };
    const pieces = this.ranges(which).within(wanted).list;
    if (!covers(pieces, wanted)) return undefined;
    const out = Buffer.allocUnsafe(bytes);
    for (const piece of pieces) {
      const at = Number(piece.start - start);
      try {
        const packed = this.packedFiles.get(piece.file);
        if (packed) packed.readAt(out.subarray(at, at + sizeOf(piece)), piece.offset);
        else if (!readInto(out, at, piece, files)) return undefined;
      } catch (error) {
        throw asCriuError(fromImages(error), 'cannot read pages', { file: piece.file });
      }
    }
    return out;
  }

  /** Closes the files that were kept open. */
  close(): void {
    for (const fd of this.kept.values()) closeSync(fd);
    this.kept.clear();
  }

  private of(which: WhichMemory): KnownMemory {
    const key = 'pid' in which ? `pid ${which.pid}` : `shmid ${which.shmid}`;
    let known = this.known.get(key);
    if (!known) {
      try {
        const memory = openMemory(this.set, which);
        known = memory ? this.look(memory) : { ranges: new StoredRuns(), later: () => [] };
      } catch (error) {
        throw asCriuError(fromImages(error), `cannot read ${this.what}`, { file: this.set.dir });
      }
      this.known.set(key, known);
    }
    return known;
  }

  /** All pages that a pagemap refers to, sorted by address. @throws CriuError, ImageError */
  private look(memory: PageMemory): KnownMemory {
    const later = () => union(memory.runs.filter(({ flags }) => flags & PagemapFlags.LAZY));
    const plain = memory.plainRuns;
    if (plain) {
      if (this.readable) checkLength(memory);
      return { ranges: rangesOf(plain, memory.file), later };
    }
    const ranges = new StoredRuns();
    const sources = new Set<PageMemory>();
    for (const { start, end, source, offset } of memory.segments()) {
      if (Number(start) % PAGE_SIZE !== 0)
        throw new CriuError('BAD_IMAGE', `pages begin at 0x${start.toString(16)}, inside of a page`, {
          file: memory.mapFile,
        });
      if (!source && this.options.later) continue;
      if (!source)
        throw new CriuError(
          'UNSUPPORTED',
          `page 0x${start.toString(16)} was left to be fetched later (--lazy-pages)`,
          { file: memory.mapFile },
          'restore with --lazy-pages, and run `criu lazy-pages --page-server` beside it',
        );
      if (!sources.has(source)) {
        if (this.readable) checkLength(source);
        if (source.blocks) this.packedFiles.set(source.file, source);
        sources.add(source);
      }
      ranges.add(Number(start), Number(end), source.file, offset);
    }
    return { ranges, later };
  }
}

/** Runs that are consecutive in the file. */
function rangesOf({ starts, ends }: PagemapColumns, file: string): StoredRuns {
  const out = new StoredRuns();
  let offset = 0;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    out.add(start, end, file, offset);
    offset += end - start;
  }
  return out;
}

/** Reads a piece into the buffer. @returns whether all of its bytes could be read */
function readInto(out: Buffer, at: number, piece: StoredRange, files?: OpenFiles): boolean {
  if (!files) {
    using once = new OpenFiles();
    return readInto(out, at, piece, once);
  }
  return readSync(files.of(piece.file), out, at, sizeOf(piece), piece.offset) === sizeOf(piece);
}
