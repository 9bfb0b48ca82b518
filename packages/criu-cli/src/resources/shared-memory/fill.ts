// Pages images as descriptors in the tasks: contents go from file to memory without passing through us.
import type { Program } from '@criu/compel';
import { openSync } from '@criu/native/fs';
import type { PlanContext, Slot, TaskPlan } from '../../engine/plan.js';
import type { PageRange } from '../../pages/sources/images.js';
import { stateKey } from '../../states.js';

const slots = stateKey('pages images', (_: PlanContext): Map<string, Slot> => new Map());
const fds = stateKey('pages images of a task', (_: TaskPlan): Map<string, number> => new Map());

/** A pages image, opened by the brain once. */
export function openPages(ctx: PlanContext, file: string): Slot {
  const all = ctx.states.get(slots);
  let slot = all.get(file);
  if (!slot) {
    slot = ctx.openSlot(file, () => openSync(file, 'r'));
    all.set(file, slot);
  }
  return slot;
}

/** Number of the image in the task; taken by each task once. */
export function pagesFd(ctx: PlanContext, plan: TaskPlan, file: string): number {
  const mine = plan.states.get(fds);
  let fd = mine.get(file);
  if (fd === undefined) {
    fd = plan.tempFd();
    plan.take('files', openPages(ctx, file), fd);
    mine.set(file, fd);
  }
  return fd;
}

/** One system call moves less than 2 GiB. */
export const TRANSFER_LIMIT = 1 << 30;
const IOV_MAX = 1024;

/** Anonymous memory in runs from this size on is made first and then filled, piece by piece. */
const LARGE = 1 << 20;
const PIECE = 4 << 20;
const MADV_POPULATE_WRITE = 23;

/**
 * Runs that follow one another in the file, read by one preadv(2) of up to IOV_MAX parts. Large runs of anonymous
 * memory get their pages at once before: a fault for each of them would take longer than the copy.
 */
export function readIntoMemory(
  program: () => Program,
  ranges: readonly PageRange[],
  fdOf: (file: string) => number,
  anonymous: (range: PageRange) => boolean,
): void {
  let i = 0;
  for (let first = ranges[i]; first; first = ranges[i]) {
    if (first.length >= LARGE && anonymous(first)) {
      for (let at = 0; at < first.length; at += PIECE) {
        const length = Math.min(PIECE, first.length - at);
        const p = program();
        p.syscall('madvise', [first.address + at, length, MADV_POPULATE_WRITE], { expect: 'any' });
        p.full('pread64', [fdOf(first.file), first.address + at, length, first.offset + at], {
          expect: length,
          label: `pages at 0x${(first.address + at).toString(16)}`,
        });
      }
      i++;
      continue;
    }
    const words: number[] = [];
    let total = 0;
    for (let r = ranges[i]; r && words.length < IOV_MAX * 2; r = ranges[i]) {
      if (r.file !== first.file || r.offset !== first.offset + total) break;
      if (total + r.length > TRANSFER_LIMIT || (r.length >= LARGE && anonymous(r))) break;
      words.push(r.address, r.length);
      total += r.length;
      i++;
    }
    if (words.length === 0) {
      // One run larger than the limit.
      for (let at = 0; at < first.length; at += TRANSFER_LIMIT) {
        const length = Math.min(TRANSFER_LIMIT, first.length - at);
        program().full('pread64', [fdOf(first.file), first.address + at, length, first.offset + at], {
          expect: length,
          label: `pages at 0x${(first.address + at).toString(16)}`,
        });
      }
      i++;
      continue;
    }
    const p = program();
    p.syscall('preadv', [fdOf(first.file), p.u64(...words), words.length / 2, first.offset], {
      expect: total,
      label: `pages at 0x${first.address.toString(16)}`,
    });
  }
}

/** Copies runs of a shared memory object's pages to where they belong in its file. */
export function readIntoFile(
  program: () => Program,
  ranges: readonly PageRange[],
  target: number,
  fdOf: (file: string) => number,
): void {
  for (const r of ranges) {
    for (let at = 0; at < r.length; at += TRANSFER_LIMIT) {
      const length = Math.min(TRANSFER_LIMIT, r.length - at);
      const p = program();
      p.syscall('lseek', [target, r.address + at, 0]);
      p.syscall('sendfile', [target, fdOf(r.file), p.u64(r.offset + at), length], {
        expect: length,
        label: `shared pages at 0x${(r.address + at).toString(16)}`,
      });
    }
  }
}
