// Where the pages of an address space lie in the pages images, through the chain of parent checkpoints.
import { ImageError, ImageSet, type PageMemory } from '@criu/images';
import { statSync } from '@criu/native/fs';
import { CriuError } from '../../errors.js';
import type { Checkpoint } from '../../images/checkpoint.js';
import type { NsPid } from '../../proc/pids.js';

const PAGE = 4096;

/** A run of pages that is contiguous in memory and in a file. */
export interface PageRange {
  readonly address: number;
  readonly length: number;
  /** Absolute path of the pages image. */
  readonly file: string;
  readonly offset: number;
}

/** Memory of an image set, of a task or of a shared memory object, by the number that names of images have. */
export type WhichMemory = { readonly pid: NsPid } | { readonly shmid: bigint | number };

/** The pages of a task or a shared memory object; undefined where the images have none of it. @throws ImageError */
export function openMemory(set: ImageSet, which: WhichMemory): PageMemory | undefined {
  return 'pid' in which ? set.memory(which.pid) : set.sharedMemory(which.shmid);
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

/** All pages that a pagemap stands for, in the order of their addresses. @throws CriuError, ImageError */
export function rangesOf(memory: PageMemory): PageRange[] {
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
    if (!sources.has(source)) checkLength(source);
    sources.add(source);
    out.push({ address: Number(start), length: Number(end - start), file: source.file, offset });
  }
  return out;
}

/** All pages of a task or shared memory object of a checkpoint. @throws CriuError */
export function pageRanges(checkpoint: Checkpoint, which: WhichMemory): PageRange[] {
  try {
    const memory = openMemory(new ImageSet(checkpoint.dir), which);
    return memory ? rangesOf(memory) : [];
  } catch (error) {
    throw fromImages(error);
  }
}
