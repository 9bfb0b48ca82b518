// Where the pages of an address space lie in the pages images, through the chain of parent checkpoints.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPagemapSync } from '@criu/images';
import type { Checkpoint } from '../../engine/checkpoint.js';
import { type Pagemap, PagemapFlags, pageCount, pageFlags } from '../../engine/image-types.js';
import { CriuError } from '../../errors.js';

const PAGE = 4096;

/** A run of pages that is contiguous in memory and in a file. */
export interface PageRange {
  readonly address: number;
  readonly length: number;
  /** Absolute path of the pages image. */
  readonly file: string;
  readonly offset: number;
}

interface Level {
  readonly ranges: PageRange[];
}

function parentDir(dir: string): string | undefined {
  const path = join(dir, 'parent');
  return existsSync(path) ? path : undefined;
}

function load(dir: string, name: string): Pagemap {
  try {
    return readPagemapSync(join(dir, name));
  } catch (error) {
    throw new CriuError(
      'BAD_IMAGE',
      'the pagemap cannot be read',
      { file: join(dir, name) },
      undefined,
      error,
    );
  }
}

function level(dir: string, name: string, pagemap: Pagemap, depth: number): Level {
  if (depth > 1000)
    throw new CriuError('BAD_IMAGE', 'the chain of parent checkpoints does not end', { file: dir });
  const file = join(dir, `pages-${pagemap.head.pages_id}.img`);
  const ranges: PageRange[] = [];
  let offset = 0;
  let parent: PageRange[] | undefined;
  for (const entry of pagemap.entries) {
    const address = Number(entry.vaddr);
    const length = Number(pageCount(entry)) * PAGE;
    const flags = pageFlags(entry);
    if (flags & PagemapFlags.PRESENT) {
      ranges.push({ address, length, file, offset });
      offset += length;
    } else if (flags & PagemapFlags.PARENT) {
      if (!parent) {
        const up = parentDir(dir);
        if (!up || !existsSync(join(up, name))) {
          throw new CriuError(
            'IMAGE_MISSING',
            `pages at 0x${address.toString(16)} are in the parent checkpoint`,
            {
              file: join(dir, 'parent', name),
            },
          );
        }
        parent = level(up, name, load(up, name), depth + 1).ranges;
      }
      ranges.push(...clip(parent, address, address + length, join(dir, name)));
    }
  }
  if (offset > 0) {
    const have = existsSync(file) ? statSync(file).size : -1;
    if (have < offset) {
      throw new CriuError(
        have < 0 ? 'IMAGE_MISSING' : 'BAD_IMAGE',
        `the pages image has ${Math.max(have, 0)} of ${offset} bytes`,
        { file },
        'the checkpoint is not complete',
      );
    }
  }
  return { ranges };
}

function clip(ranges: readonly PageRange[], start: number, end: number, who: string): PageRange[] {
  const out: PageRange[] = [];
  let at = start;
  for (const r of ranges) {
    const from = Math.max(r.address, start);
    const to = Math.min(r.address + r.length, end);
    if (from >= to) continue;
    if (from !== at) break;
    out.push({ ...r, address: from, length: to - from, offset: r.offset + (from - r.address) });
    at = to;
  }
  if (at !== end)
    throw new CriuError('BAD_IMAGE', `page 0x${at.toString(16)} is in no parent checkpoint`, { file: who });
  return out;
}

/** All pages that a pagemap image stands for, in its order. @throws CriuError */
export function pageRanges(checkpoint: Checkpoint, name: string, pagemap: Pagemap): PageRange[] {
  return level(checkpoint.dir, name, pagemap, 0).ranges;
}
