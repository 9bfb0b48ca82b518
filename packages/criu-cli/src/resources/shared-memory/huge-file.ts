// Content of a file of huge pages: it can be read, but neither written to nor asked for its holes.
import type { Program } from '@criu/compel';
import { SysError, sysRaw } from '@criu/native';
import type { TaskPlan } from '../../engine/plan.js';
import { MAP, PROT } from '../../images/vma.js';
import type { PageRange } from '../../pages/sources/images.js';

/** Parts of one program; and of one mapping, which is made all at once. */
const MOST_READS = 256;
const MOST_BYTES = 64 << 20;

/** Pages that hold something, as (offset, length): those of zeros count as holes. @throws SysError */
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

interface Window {
  readonly start: number;
  end: number;
  readonly ranges: PageRange[];
}

/** Whole huge pages that follow one another, with what goes into them. */
function windows(ranges: readonly PageRange[], pageSize: number): Window[] {
  const out: Window[] = [];
  const largest = Math.max(pageSize, MOST_BYTES);
  for (const range of ranges) {
    for (let at = range.address; at < range.address + range.length; ) {
      const length = Math.min(pageSize - (at % pageSize), range.address + range.length - at);
      const piece = { ...range, address: at, length, offset: range.offset + (at - range.address) };
      const start = at - (at % pageSize);
      const last = out.at(-1);
      const fits =
        last &&
        start <= last.end &&
        start + pageSize - last.start <= largest &&
        last.ranges.length < MOST_READS;
      if (fits) {
        last.end = Math.max(last.end, start + pageSize);
        last.ranges.push(piece);
      } else out.push({ start, end: start + pageSize, ranges: [piece] });
      at += length;
    }
  }
  return out;
}

/** Adds steps that put pages into a file of huge pages: by way of a mapping, as nothing else writes to it. */
export function readIntoHugeFile(
  plan: TaskPlan,
  ranges: readonly PageRange[],
  target: number,
  pageSize: number,
  fdOf: (file: string) => number,
): void {
  for (const { start, end, ranges: parts } of windows(ranges, pageSize)) {
    const p: Program = plan.program('files');
    const at = p.syscall('mmap', [0, end - start, PROT.READ | PROT.WRITE, MAP.SHARED, target, start], {
      label: `huge pages at 0x${start.toString(16)}`,
    });
    for (const { address, length, file, offset } of parts)
      p.full('pread64', [fdOf(file), p.plus(at, address - start), length, offset], {
        expect: length,
        label: `huge pages at 0x${address.toString(16)}`,
      });
    p.syscall('munmap', [at, end - start]);
  }
}
