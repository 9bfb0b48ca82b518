// Finds the pages of private memory that have to be dumped.
import {
  PAGE_SIZE,
  type PagemapColumns,
  PagemapFlags,
  type VmaAttributes,
  type VmaTable,
} from '@criu/images';
import { addon, SysError } from '@criu/native';
import { MAP_GROWSDOWN } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import { isInherited, VMA } from '../../images/vma.js';
import { union } from '../../pages/ranges.js';
import { PageRuns, withRun } from '../../pages/runs.js';
import { addressPairs, rangesWhere } from '../../pages/tables.js';
import { isHuge } from '../shared-memory/hugetlb.js';
import { canBeLazy, wantedPages } from './vmas-dump.js';

const { LAZY, PRESENT } = PagemapFlags;

/** The pages of one task. */
export interface PagePlan {
  readonly runs: PageRuns;
  /** Guard regions of the scanned mappings. */
  readonly guards: readonly Guard[];
}

/** A guard region (MADV_GUARD_INSTALL): every access faults. */
export interface Guard {
  readonly start: bigint;
  readonly end: bigint;
}

/** Asks the kernel which pages of the mappings have contents. The task is stopped. @throws SysError */
export function planPages(ctx: DumpContext, task: LiveTask, vmas: VmaTable): PagePlan {
  // Pages of the vDSO are always dumped; the scan finds those that the task has written to.
  const looked = enough(
    ctx,
    vmas,
    vmas.where((vma) => wantedPages(vma) === 'own' || vma.status & VMA.VDSO),
  );
  // Flags 0 for the vDSO: the scan only notes whether it has such pages.
  const flagsOf = vmas.attributes.map((vma) => {
    if (vma.status & VMA.VDSO) return 0;
    return comesLater(vma) ? (ctx.options.lazyPages ? LAZY : LAZY | PRESENT) : PRESENT;
  });
  const { indexes } = vmas;
  const flags = Uint8Array.from(looked, (at) => flagsOf[indexes[at] ?? 0] ?? 0);
  const scan = addon().pagemapScan(task.pid, addressPairs(vmas, looked), flags);
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  for (const noted of scan.noted) {
    const at = looked[noted];
    if (at !== undefined) vmas.own(at).vdso_patched = true;
  }
  let scanned = 0;
  for (let i = 0; i < looked.length; i++) {
    const at = looked[i] ?? 0;
    if (flags[i]) scanned += vmas.end(at) - vmas.start(at);
  }
  ctx.stats.pagesScanned += scanned / PAGE_SIZE;
  const whole = vmas.list((vma) => wantedPages(vma) === 'all');
  const unnoticed = vmas.list(({ status, flags }) => status & VMA.AIORING || isHuge(flags));
  const unheld = vmas.list(isUnheld);
  const tracked = union(rangesWhere(task.smaps, ({ vmFlags }) => vmFlags.includes('uw')));
  const notes = { unnoticed, unheld, tracked };
  // Only a few mappings are dumped whole: the vDSO, rings of asynchronous I/O, huge pages of hugetlbfs.
  const columns = whole.reduce<PagemapColumns>(
    (all, { start, end }) => withRun(all, Number(start), Number(end), PRESENT),
    scan,
  );
  return { runs: new PageRuns(columns, notes), guards: guardsOf(scan.guards) };
}

/** Those of some mappings that are within the limit of what is looked through. */
function enough({ scanLimit }: DumpContext, vmas: VmaTable, some: number[]): number[] {
  if (scanLimit === undefined) return some;
  let left = Number(scanLimit);
  return some.filter((at) => {
    const size = vmas.end(at) - vmas.start(at);
    if (left < size) return false;
    left -= size;
    return true;
  });
}

/**
 * Whether a fork would not hold the contents: absent (MADV_DONTFORK), zeros (MADV_WIPEONFORK), huge pages (which it may
 * lose), or written by the kernel.
 */
function isUnheld(vma: VmaAttributes): boolean {
  return wantedPages(vma) === 'all' || isHuge(vma.flags) || !isInherited(vma);
}

/** Whether pages may be restored lazily; not the stack, which every task needs first. */
function comesLater(vma: VmaAttributes): boolean {
  return canBeLazy(vma) && !(vma.flags & MAP_GROWSDOWN);
}

/**
 * Guard regions of all other mappings: for shared mappings they are in the page tables of this task, whatever the
 * object has.
 * @throws SysError
 */
export function otherGuards(task: LiveTask, vmas: VmaTable): Guard[] {
  const none = VMA.VSYSCALL | VMA.VVAR | VMA.VDSO | VMA.AIORING | VMA.SOCKET;
  const others = vmas.where(
    (vma) => wantedPages(vma) !== 'own' && !(vma.status & none) && !isHuge(vma.flags),
  );
  if (others.length === 0) return [];
  const scan = addon().pagemapGuards(task.pid, addressPairs(vmas, others));
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  return guardsOf(scan.guards);
}

function guardsOf(triples: BigUint64Array): Guard[] {
  const out: Guard[] = [];
  for (let i = 0; i + 1 < triples.length; i += 3) {
    out.push({ start: triples[i] ?? 0n, end: triples[i + 1] ?? 0n });
  }
  return out;
}
