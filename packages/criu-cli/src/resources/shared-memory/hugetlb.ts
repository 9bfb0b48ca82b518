// Huge pages (hugetlbfs): the sizes that this machine supports, and their encoding in flags.
import { readdirSync, readFileSync } from '@criu/native/fs';
import { MAP_HUGETLB } from '@criu/native/uapi';
import { HUGE_PAGE } from '../../arch/index.js';
import type { PlanContext } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { Range } from '../../pages/ranges.js';
import { stateKey } from '../../states.js';

const FOLDER = '/sys/kernel/mm/hugepages';
/** Bit position of the logarithm of the size in flags of mmap(2), memfd_create(2) and shmget(2). */
const SHIFT = 26;
const MASK = 0x3f;

/** Sizes of huge pages in bytes that this machine supports. */
export function hugeSizes(): number[] {
  try {
    return readdirSync(FOLDER).flatMap((name) => {
      const kilobytes = /^hugepages-(\d+)kB$/.exec(name)?.[1];
      return kilobytes === undefined ? [] : Number(kilobytes) * 1024;
    });
  } catch {
    // The kernel has no huge pages.
    return [];
  }
}

/** Encodes a size for flags. */
export function hugeFlag(bytes: number): number {
  return (Math.log2(bytes) << SHIFT) >>> 0;
}

/** The size encoded in flags; undefined for the default size. */
export function hugeSize(flags: number): number | undefined {
  const log = (flags >>> SHIFT) & MASK;
  return log === 0 ? undefined : 2 ** log;
}

/** The size that flags mean; without a size in them, which no dump writes, that of the architecture. */
export function pageSizeOf(flags: number): number {
  return hugeSize(flags) ?? HUGE_PAGE;
}

const counted = stateKey('huge pages by size', (ctx: PlanContext): Map<number, number> => {
  const all = new Map<number, number>();
  ctx.prepare('count the huge pages', () => {
    for (const [of, need] of all) checkPages(of, need);
  });
  return all;
});

/** Adds to the number of huge pages needed; it is compared with the free ones before tasks are created. */
export function needHugePages(ctx: PlanContext, flags: number, bytes: number): void {
  const size = pageSizeOf(flags);
  const sums = ctx.states.get(counted);
  sums.set(size, (sums.get(size) ?? 0) + Math.ceil(bytes / size));
}

function checkPages(size: number, need: number): void {
  const folder = `${FOLDER}/hugepages-${size / 1024}kB`;
  const read = (name: string) => Number(readFileSync(`${folder}/${name}`, 'latin1'));
  if (!hugeSizes().includes(size))
    throw new CriuError(
      'UNSUPPORTED',
      `huge pages of ${size} bytes are needed, and this machine has none of that size`,
      { file: folder },
      'restore on a machine like the one that it was dumped on',
    );
  const more = read('nr_overcommit_hugepages') - read('surplus_hugepages');
  const have = read('free_hugepages') - read('resv_hugepages') + Math.max(0, more);
  if (have >= need) return;
  throw new CriuError(
    'NO_SPACE',
    `${need} huge pages of ${size >> 20} MiB are needed, ${Math.max(0, have)} are free`,
    { file: folder },
    `echo ${read('nr_hugepages') + need - have} > ${folder}/nr_hugepages`,
  );
}

/** Bytes of the huge pages that the ranges touch. */
export function hugeBytes(ranges: readonly Range[], pageSize: number): number {
  let pages = 0;
  let last = -1;
  for (const { start, end: behind } of ranges) {
    const first = Math.max(Math.floor(Number(start) / pageSize), last + 1);
    const end = Math.floor((Number(behind) - 1) / pageSize);
    if (end < first) continue;
    pages += end - first + 1;
    last = end;
  }
  return pages * pageSize;
}

/** Whether a mapping has huge pages. */
export function isHuge(flags: number): boolean {
  return (flags & MAP_HUGETLB) !== 0;
}
