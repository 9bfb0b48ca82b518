// Pages of images, through the chain of parent checkpoints.
import { ImageError, type PageMemory } from '@criu/images';
import { closeSync, openSync, readSync, statSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import type { Checkpoint } from '../../images/checkpoint.js';
import type { WhichMemory } from '../../images/memory.js';
import { openDirect } from '../direct.js';
import { covers, sizeOf, within } from '../ranges.js';
import { cutStored, type PageSource, type StoredRange } from './source.js';
import { openStored } from './unpacked.js';

/** A fault of an image as an error of dump or restore. */
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

export interface RangesOptions {
  /** Told the pages images that are packed, by path: ranges are those of the unpacked ones, which `openStored` gives. */
  readonly packed: Map<string, PageMemory>;
  /** Whether the pages images have to be as long as that; they have, unless it is false. */
  readonly complete?: boolean;
  /** Whether pages that were left to be fetched later are passed over, instead of refused. */
  readonly later?: boolean;
}

/** All pages that a pagemap stands for, in the order of their addresses. @throws CriuError, ImageError */
export function rangesOf(
  memory: PageMemory,
  { packed, complete = true, later = false }: RangesOptions,
): StoredRange[] {
  const out: StoredRange[] = [];
  const sources = new Set<PageMemory>();
  for (const { start, end, source, offset } of memory.segments()) {
    if (!source && later) continue;
    if (!source)
      throw new CriuError(
        'UNSUPPORTED',
        `page 0x${start.toString(16)} was left to be fetched later (--lazy-pages)`,
        { file: memory.mapFile },
        'restore with --lazy-pages, and run `criu lazy-pages --page-server` beside it',
      );
    if (complete && !sources.has(source)) checkLength(source);
    sources.add(source);
    if (source.blocks) packed.set(source.file, source);
    out.push({ start, end, file: source.file, offset });
  }
  return out;
}

/** The pages of a checkpoint. */
export class ImagePages implements PageSource {
  private readonly known = new Map<string, readonly StoredRange[]>();
  private readonly packedFiles = new Map<string, PageMemory>();

  /** `later`: pages that were left to be fetched later are passed over, instead of refused. */
  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly later = false,
  ) {}

  get readable(): boolean {
    return this.checkpoint.source.pages === 'there';
  }

  ranges(which: WhichMemory): readonly StoredRange[] {
    const key = 'pid' in which ? `pid ${which.pid}` : `shmid ${which.shmid}`;
    let ranges = this.known.get(key);
    if (!ranges) {
      try {
        const memory = this.checkpoint.memory(which);
        const { packedFiles: packed, later, readable: complete } = this;
        ranges = memory ? rangesOf(memory, { packed, complete, later }) : [];
      } catch (error) {
        throw fromImages(error);
      }
      this.known.set(key, ranges);
    }
    return ranges;
  }

  open(file: string, direct = false): number {
    const packed = this.packedFiles.get(file);
    return direct && !packed ? openDirect(file) : openStored(file, packed);
  }

  packed(which: WhichMemory): boolean {
    return this.ranges(which).some(({ file }) => this.packedFiles.has(file));
  }

  read(which: WhichMemory, start: bigint, bytes: number): Buffer | undefined {
    const all = this.ranges(which);
    const wanted = { start, end: start + BigInt(bytes) };
    if (!covers(all, wanted)) return undefined;
    const out = Buffer.alloc(bytes);
    for (const piece of within(all, wanted, cutStored)) {
      const at = Number(piece.start - start);
      try {
        const packed = this.packedFiles.get(piece.file);
        if (packed) packed.readAt(out.subarray(at, at + sizeOf(piece)), piece.offset);
        else if (!readInto(out, at, piece)) return undefined;
      } catch (error) {
        throw asCriuError(fromImages(error), 'cannot read pages', { file: piece.file });
      }
    }
    return out;
  }
}

/** Whether all of it is there. */
function readInto(out: Buffer, at: number, piece: StoredRange): boolean {
  const fd = openSync(piece.file, 'r');
  try {
    return readSync(fd, out, at, sizeOf(piece), piece.offset) === sizeOf(piece);
  } finally {
    closeSync(fd);
  }
}
