// Contents of files with huge pages, which support read(2), but neither write(2) nor SEEK_DATA.
import type { Program } from '@criu/compel';
import { SysError, sysRaw } from '@criu/native';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '@criu/native/uapi';
import type { TaskPlan } from '../../engine/plan.js';
import { earlier, type Range, sizeOf } from '../../pages/ranges.js';
import { cutStored, type StoredRange } from '../../pages/sources/stored.js';

/** Number of reads per program, and bytes per mapping, since a mapping is populated as a whole. */
const MOST_READS = 256;
const MOST_BYTES = 64 << 20;

/** Pages with contents, as (offset, length); pages of zeros count as holes. @throws SysError */
export function hugeSegments(
  fd: number,
  size: number,
  pageSize: number,
  allocated: number,
): [offset: number, length: number][] {
  if (allocated >= size) return [[0, size]];
  if (allocated === 0) return [];
  const out: [number, number][] = [];
  const page = Buffer.alloc(Math.min(pageSize, MOST_BYTES));
  const zeros = Buffer.alloc(page.length);
  for (let at = 0; at < size; at += page.length) {
    const n = sysRaw('pread64', fd, page, page.length, at);
    if (n < 0) throw new SysError('pread64', -n, 'huge pages');
    if (n === page.length && page.equals(zeros)) continue;
    const last = out.at(-1);
    if (last && last[0] + last[1] === at) last[1] += page.length;
    else out.push([at, page.length]);
  }
  return out;
}

interface Window extends Range {
  readonly start: bigint;
  end: bigint;
  readonly ranges: StoredRange[];
}

/** Consecutive whole huge pages, with the ranges that go into them. */
function windows(ranges: Iterable<StoredRange>, pageSize: number): Window[] {
  const out: Window[] = [];
  const size = BigInt(pageSize);
  const largest = BigInt(Math.max(pageSize, MOST_BYTES));
  for (const range of ranges) {
    for (let at = range.start; at < range.end; ) {
      const start = at - (at % size);
      const end = start + size;
      const piece = cutStored(range, at, earlier(end, range.end));
      const last = out.at(-1);
      const fits =
        last && start <= last.end && end - last.start <= largest && last.ranges.length < MOST_READS;
      if (fits) {
        last.end = end;
        last.ranges.push(piece);
      } else out.push({ start, end, ranges: [piece] });
      at = piece.end;
    }
  }
  return out;
}

/** Adds steps that write pages to a file of huge pages, by a mapping, which is the only way to write to it. */
export function readIntoHugeFile(
  plan: TaskPlan,
  ranges: Iterable<StoredRange>,
  target: number,
  pageSize: number,
  fdOf: (file: string) => number,
): void {
  for (const { start, end, ranges: parts } of windows(ranges, pageSize)) {
    const p: Program = plan.program('files');
    const at = p.syscall('mmap', [0, end - start, PROT_READ | PROT_WRITE, MAP_SHARED, target, start], {
      label: `huge pages at 0x${start.toString(16)}`,
    });
    for (const part of parts)
      p.full(
        'pread64',
        [fdOf(part.file), p.plus(at, Number(part.start - start)), sizeOf(part), part.offset],
        {
          expect: sizeOf(part),
          label: `huge pages at 0x${part.start.toString(16)}`,
        },
      );
    p.syscall('munmap', [at, end - start]);
  }
}
