// Pages of images, through the chain of parent checkpoints.
import { ImageError, type PageMemory } from '@criu/images';
import { closeSync, openSync, readSync, statSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';
import type { Checkpoint } from '../../images/checkpoint.js';
import type { WhichMemory } from '../../images/memory.js';
import { covers, sizeOf, within } from '../ranges.js';
import { cutStored, type PageSource, type StoredRange } from './source.js';

const PAGE = 4096;

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
  const need = source.storedPages * PAGE;
  if (have !== undefined && have >= need) return;
  throw new CriuError(
    have === undefined ? 'IMAGE_MISSING' : 'BAD_IMAGE',
    `the pages image has ${have ?? 0} of ${need} bytes`,
    { file: source.file },
    'the checkpoint is not complete',
  );
}

/**
 * All pages that a pagemap stands for, in the order of their addresses.
 * @param complete whether the pages images have to be as long as that
 * @param later whether pages that were left to be fetched later are passed over, instead of refused
 * @throws CriuError, ImageError
 */
export function rangesOf(memory: PageMemory, complete = true, later = false): StoredRange[] {
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
    out.push({ start, end, file: source.file, offset });
  }
  return out;
}

/** The pages of a checkpoint. */
export class ImagePages implements PageSource {
  private readonly known = new Map<string, readonly StoredRange[]>();

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
        ranges = memory ? rangesOf(memory, this.readable, this.later) : [];
      } catch (error) {
        throw fromImages(error);
      }
      this.known.set(key, ranges);
    }
    return ranges;
  }

  read(which: WhichMemory, start: bigint, bytes: number): Buffer | undefined {
    const all = this.ranges(which);
    const wanted = { start, end: start + BigInt(bytes) };
    if (!covers(all, wanted)) return undefined;
    const out = Buffer.alloc(bytes);
    for (const piece of within(all, wanted, cutStored)) {
      try {
        const fd = openSync(piece.file, 'r');
        try {
          const n = readSync(fd, out, Number(piece.start - start), sizeOf(piece), piece.offset);
          if (n < sizeOf(piece)) return undefined;
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw asCriuError(error, 'cannot read pages', { file: piece.file });
      }
    }
    return out;
  }
}
