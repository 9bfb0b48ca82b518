// Frees pages of parent checkpoints that a later checkpoint has stored anew.
import { ImageSet, PAGE, type PageMemory, parseFileName } from '@criu/images';
import { sys } from '@criu/native';
import { closeSync, fstatSync, readdirSync } from '@criu/native/fs';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import { openMemory, type WhichMemory } from '../images/memory.js';
import { openOwnFile } from '../output-dir.js';
import { asNsPid } from '../proc/pids.js';
import { fromImages } from './sources/images.js';

interface Hole {
  readonly offset: number;
  length: number;
}

/** Parts of pages images that are not needed any more, by file path. */
class Holes {
  private readonly files = new Map<string, Hole[]>();

  add(file: string, offset: number, length: number): void {
    const list = this.files.get(file) ?? [];
    const last = list.at(-1);
    if (last && last.offset + last.length === offset) last.length += length;
    else list.push({ offset, length });
    this.files.set(file, list);
  }

  /** Punches the holes (fallocate(2)). @returns number of bytes freed */
  punch(): number {
    let freed = 0;
    for (const [file, holes] of this.files) {
      try {
        const fd = openOwnFile(file);
        try {
          const before = fstatSync(fd).blocks;
          for (const { offset, length } of holes)
            sys('fallocate', fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
          freed += (before - fstatSync(fd).blocks) * 512;
        } finally {
          closeSync(fd);
        }
      } catch (error) {
        throw asCriuError(error, 'cannot free pages of an earlier dump', { file });
      }
    }
    return freed;
  }
}

/** Adds what any ancestor has stored between two addresses. */
function cover(memory: PageMemory | undefined, start: bigint, end: bigint, holes: Holes): void {
  for (let up = memory; up; up = up.parent()) {
    // Compressed pages share their blocks with other pages.
    if (up.blocks) continue;
    for (let i = up.indexFrom(start), run = up.runs[i]; run && run.start < end; run = up.runs[++i]) {
      const { start: first, end: last, page } = run;
      if (page === undefined) continue;
      const from = first > start ? first : start;
      const to = last < end ? last : end;
      if (from < to) holes.add(up.file, page * Number(PAGE) + Number(from - first), Number(to - from));
    }
  }
}

/** The address spaces and shared memory objects that have a pagemap in a directory. */
function addressSpaces(set: ImageSet): WhichMemory[] {
  const out: WhichMemory[] = [];
  for (const name of readdirSync(set.dir)) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image' || parsed.kind !== 'PAGEMAP') continue;
    out.push(
      name.startsWith('pagemap-shmem-') ? { shmid: BigInt(parsed.id) } : { pid: asNsPid(Number(parsed.id)) },
    );
  }
  return out;
}

/**
 * Frees pages in the ancestors of a checkpoint that the checkpoint has anew. Everything is looked up before anything is
 * freed.
 * @returns number of bytes freed
 * @throws CriuError
 */
export function dedupParents(imagesDir: string): number {
  const holes = new Holes();
  try {
    const set = new ImageSet(imagesDir);
    if (!set.parent())
      throw new CriuError(
        'IMAGE_MISSING',
        'there is no earlier dump: the link `parent` is missing',
        { file: imagesDir },
        'name the directory of an incremental dump with -D',
      );
    for (const which of addressSpaces(set)) {
      const memory = openMemory(set, which);
      if (!memory) continue;
      for (const { start, end, page } of memory.runs)
        if (page !== undefined) cover(memory.parent(), start, end, holes);
    }
  } catch (error) {
    throw asCriuError(fromImages(error), 'cannot read the images', { file: imagesDir });
  }
  return holes.punch();
}

/** Frees the pages of a checkpoint and its ancestors that were restored into memory. @throws CriuError */
export function freeRestored(imagesDir: string): number {
  const holes = new Holes();
  try {
    const set = new ImageSet(imagesDir);
    for (const which of addressSpaces(set))
      for (const { start, end, source, offset } of openMemory(set, which)?.segments() ?? [])
        if (source && !source.blocks) holes.add(source.file, offset, Number(end - start));
  } catch (error) {
    throw asCriuError(fromImages(error), 'cannot read the images', { file: imagesDir });
  }
  return holes.punch();
}
