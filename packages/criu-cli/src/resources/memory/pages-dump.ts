// Content of private memory: which pages there are.
import { PAGE, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { CriuError } from '../../errors.js';
import { isInherited, MAP, VMA } from '../../images/vma.js';
import { union } from '../../pages/ranges.js';
import { joined, type PageRun, type PageRuns } from '../../pages/runs.js';
import { isHuge } from '../shared-memory/hugetlb.js';
import { canBeLazy, type DumpedVma } from './vmas-dump.js';

const { LAZY, PRESENT } = PagemapFlags;

/** Pages of one task. */
export interface PagePlan {
  readonly runs: PageRuns;
  /** Guard regions of the mappings whose pages were looked at. */
  readonly guards: readonly Guard[];
}

/** Memory that must not be touched (MADV_GUARD_INSTALL). */
export interface Guard {
  readonly start: bigint;
  readonly end: bigint;
}

/** Asks the kernel which pages of the mappings hold something. The task is frozen. @throws SysError */
export function planPages(ctx: DumpContext, task: LiveTask, vmas: readonly DumpedVma[]): PagePlan {
  // Pages of the vDSO are kept in any case; its own are those that the task has written to.
  const looked = vmas.filter((v) => v.pages === 'own' || v.entry.status & VMA.VDSO).filter(enoughFor(ctx));
  const scan = addon().pagemapScan(task.pid, rangesOf(looked));
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  const runs: PageRun[] = [];
  for (let i = 0; i < scan.pages.length; i += 3) {
    const [start = 0n, end = 0n, index = 0n] = scan.pages.subarray(i, i + 3);
    const vma = looked[Number(index)];
    if (!vma)
      throw new CriuError('INTERNAL', `pages of no mapping at 0x${start.toString(16)}`, { pid: task.pid });
    if (vma.entry.status & VMA.VDSO) {
      vma.entry.vdso_patched = true;
      continue;
    }
    const flags = comesLater(vma) ? (ctx.options.lazyPages ? LAZY : LAZY | PRESENT) : PRESENT;
    runs.push({ start, end, flags });
  }
  for (const { entry, pages } of vmas)
    if (pages === 'all') runs.push({ start: entry.start, end: entry.end, flags: PRESENT });
  runs.sort((a, b) => (a.start < b.start ? -1 : 1));
  for (const { entry, pages } of looked)
    if (pages === 'own') ctx.stats.pagesScanned += Number((entry.end - entry.start) / PAGE);
  const unnoticed = vmas
    .map(({ entry }) => entry)
    .filter(({ status, flags }) => status & VMA.AIORING || isHuge(flags));
  const unheld = vmas.filter(isUnheld).map(({ entry }) => entry);
  const tracked = union(
    task.smaps
      .filter(({ vmFlags }) => vmFlags.includes('uw'))
      .map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) })),
  );
  return { runs: { ...joined(runs), unnoticed, unheld, tracked }, guards: guardsOf(scan.guards) };
}

/** A rehearsal only wants to have seen some pages: those of much memory would take as long again as the dump. */
const REHEARSED = 256n << 20n;

function enoughFor({ rehearsing }: DumpContext): (vma: DumpedVma) => boolean {
  let left = rehearsing ? REHEARSED : undefined;
  return ({ entry: { start, end } }) => {
    if (left === undefined) return true;
    if (left < end - start) return false;
    left -= end - start;
    return true;
  };
}

/** A child has none of it (MADV_DONTFORK), zeros (MADV_WIPEONFORK), loses it (huge pages), or it is the kernel's. */
function isUnheld({ entry, pages }: DumpedVma): boolean {
  return pages === 'all' || isHuge(entry.flags) || !isInherited(entry);
}

/** The stack is what every task needs first. */
function comesLater({ entry }: DumpedVma): boolean {
  return canBeLazy(entry) && !(entry.flags & MAP.GROWSDOWN);
}

/**
 * Guard regions of all other mappings: shared ones have them in the page tables of this task, whatever the pages are.
 * @throws SysError
 */
export function otherGuards(task: LiveTask, vmas: readonly DumpedVma[]): Guard[] {
  const none = VMA.VSYSCALL | VMA.VVAR | VMA.VDSO | VMA.AIORING | VMA.SOCKET;
  const others = vmas.filter((v) => v.pages !== 'own' && !(v.entry.status & none) && !isHuge(v.entry.flags));
  if (others.length === 0) return [];
  const scan = addon().pagemapGuards(task.pid, rangesOf(others));
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  return guardsOf(scan.guards);
}

function rangesOf(vmas: readonly DumpedVma[]): BigUint64Array {
  const ranges = new BigUint64Array(vmas.length * 2);
  for (const [i, { entry }] of vmas.entries()) {
    ranges[i * 2] = entry.start;
    ranges[i * 2 + 1] = entry.end;
  }
  return ranges;
}

function guardsOf(triples: BigUint64Array): Guard[] {
  const out: Guard[] = [];
  for (let i = 0; i + 1 < triples.length; i += 3) {
    const [start = 0n, end = 0n] = triples.subarray(i, i + 2);
    out.push({ start, end });
  }
  return out;
}
