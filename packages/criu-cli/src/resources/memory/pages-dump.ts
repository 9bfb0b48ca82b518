// Finds the pages of private memory that have to be dumped.
import { PAGE, type PagemapColumns, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { MAP_GROWSDOWN } from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { isInherited, VMA } from '../../images/vma.js';
import { union } from '../../pages/ranges.js';
import { PageRuns, withRun } from '../../pages/runs.js';
import type { FlaggedMapping } from '../../proc/index.js';
import { isHuge } from '../shared-memory/hugetlb.js';
import { canBeLazy, type DumpedVma } from './vmas-dump.js';

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
export function planPages(ctx: DumpContext, task: LiveTask, vmas: readonly DumpedVma[]): PagePlan {
  // Pages of the vDSO are always dumped; the scan finds those that the task has written to.
  const looked = vmas.filter((v) => v.pages === 'own' || v.entry.status & VMA.VDSO).filter(enoughFor(ctx));
  // Flags 0 for the vDSO: the scan only notes whether it has such pages.
  const flags = Uint8Array.from(looked, (vma) => {
    if (vma.entry.status & VMA.VDSO) return 0;
    return comesLater(vma) ? (ctx.options.lazyPages ? LAZY : LAZY | PRESENT) : PRESENT;
  });
  const scan = addon().pagemapScan(task.pid, rangesOf(looked), flags);
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  for (const index of scan.noted) {
    const vma = looked[index];
    if (vma) vma.entry.vdso_patched = true;
  }
  const whole = vmas.filter(({ pages }) => pages === 'all').map(({ entry }) => entry);
  let scanned = 0;
  for (const { entry, pages } of looked) if (pages === 'own') scanned += Number(entry.end - entry.start);
  ctx.stats.pagesScanned += scanned / Number(PAGE);
  const entriesOf = (some: (vma: DumpedVma) => unknown) => vmas.filter(some).map(({ entry }) => entry);
  const unnoticed = entriesOf(({ entry: { status, flags } }) => status & VMA.AIORING || isHuge(flags));
  const unheld = entriesOf(isUnheld);
  const tracked = union(
    task.smaps.filter(flagged('uw')).map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) })),
  );
  const notes = { unnoticed, unheld, tracked };
  // Only a few mappings are dumped whole: the vDSO, rings of asynchronous I/O, huge pages of hugetlbfs.
  const columns = whole.reduce<PagemapColumns>(
    (all, { start, end }) => withRun(all, Number(start), Number(end), PRESENT),
    scan,
  );
  return { runs: new PageRuns(columns, notes), guards: guardsOf(scan.guards) };
}

/** Whether a mapping has a flag. Mappings with equal flags share a list. */
function flagged(code: string): (mapping: FlaggedMapping) => boolean {
  const known = new Map<readonly string[], boolean>();
  return ({ vmFlags }) => {
    let has = known.get(vmFlags);
    if (has === undefined) {
      has = vmFlags.includes(code);
      known.set(vmFlags, has);
    }
    return has;
  };
}

/** Tells, mapping by mapping, whether it is still within the limit of what is looked through. */
function enoughFor({ scanLimit }: DumpContext): (vma: DumpedVma) => boolean {
  let left = scanLimit;
  return ({ entry: { start, end } }) => {
    if (left === undefined) return true;
    if (left < end - start) return false;
    left -= end - start;
    return true;
  };
}

/**
 * Whether a fork would not hold the contents: absent (MADV_DONTFORK), zeros (MADV_WIPEONFORK), huge pages (which it may
 * lose), or written by the kernel.
 */
function isUnheld({ entry, pages }: DumpedVma): boolean {
  return pages === 'all' || isHuge(entry.flags) || !isInherited(entry);
}

/** Whether pages may be restored lazily; not the stack, which every task needs first. */
function comesLater({ entry }: DumpedVma): boolean {
  return canBeLazy(entry) && !(entry.flags & MAP_GROWSDOWN);
}

/**
 * Guard regions of all other mappings: for shared mappings they are in the page tables of this task, whatever the
 * object has.
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
  let at = 0;
  for (const { entry } of vmas) {
    ranges[at++] = entry.start;
    ranges[at++] = entry.end;
  }
  return ranges;
}

function guardsOf(triples: BigUint64Array): Guard[] {
  const out: Guard[] = [];
  for (let i = 0; i + 1 < triples.length; i += 3) {
    out.push({ start: triples[i] ?? 0n, end: triples[i + 1] ?? 0n });
  }
  return out;
}
