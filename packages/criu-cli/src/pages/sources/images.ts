// Where the pages of an address space lie in the pages images, through the chain of parent checkpoints.
import { ImageError, type PageMemory } from '@criu/images';
import { statSync } from '@criu/native/fs';
import { CriuError } from '../../errors.js';
import type { Checkpoint } from '../../images/checkpoint.js';
import type { WhichMemory } from '../../images/memory.js';

const PAGE = 4096;

/** A run of pages that is contiguous in memory and in a file. */
export interface PageRange {
  readonly address: number;
  readonly length: number;
  /** Absolute path of the pages image. */
  readonly file: string;
  readonly offset: number;
}

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
 * @throws CriuError, ImageError
 */
export function rangesOf(memory: PageMemory, complete = true): PageRange[] {
  const out: PageRange[] = [];
  const sources = new Set<PageMemory>();
  for (const { start, end, source, offset } of memory.segments()) {
    if (!source)
      throw new CriuError(
        'UNSUPPORTED',
        `page 0x${start.toString(16)} was left to be fetched later (--lazy-pages)`,
        { file: memory.mapFile },
        'dump without --lazy-pages',
      );
    if (complete && !sources.has(source)) checkLength(source);
    sources.add(source);
    out.push({ address: Number(start), length: Number(end - start), file: source.file, offset });
  }
  return out;
}

/** All pages of a task or shared memory object of a checkpoint. @throws CriuError */
export function pageRanges(checkpoint: Checkpoint, which: WhichMemory): PageRange[] {
  try {
    const memory = checkpoint.memory(which);
    return memory ? rangesOf(memory, checkpoint.source.pages === 'there') : [];
  } catch (error) {
    throw fromImages(error);
  }
}
