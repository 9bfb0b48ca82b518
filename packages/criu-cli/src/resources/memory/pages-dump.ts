// Content of private memory: which pages there are, and the way of these pages into an image.
import { closeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { PagemapEntry } from '@criu/images';
import { addon, SysError, sys } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { asCriuError, type CriuError } from '../../errors.js';
import type { PagesFile } from './prepared-pages.js';
import { canBeLazy, type DumpedVma } from './vmas-dump.js';

const PAGE = 4096n;
const LAZY = 2;
const PRESENT = 4;
const THREADS = 2;
const SMALL = 32 << 20;
/** While tasks stand still, one CPU belongs to whoever reads their state meanwhile; that is soon done. */
const SMALL_THREADS = Math.min(THREADS, Math.max(1, availableParallelism() - 1));

/** Runs of pages of one task, in the order of the pages image. */
export interface PagePlan {
  readonly task: LiveTask;
  readonly entries: PagemapEntry[];
  /** Pairs of address and length in bytes. */
  readonly ranges: BigUint64Array;
  readonly bytes: number;
  readonly guards: readonly { start: bigint; end: bigint }[];
}

/** Asks the kernel which pages of the mappings hold something. The task is frozen. @throws SysError */
export function planPages(ctx: DumpContext, task: LiveTask, vmas: readonly DumpedVma[]): PagePlan {
  const own = vmas.filter((v) => v.pages === 'own');
  const asked = new BigUint64Array(own.length * 2);
  own.forEach((v, i) => {
    asked[i * 2] = v.entry.start;
    asked[i * 2 + 1] = v.entry.end;
  });
  const scan = addon().pagemapScan(task.pid, asked);
  if (scan.errno) throw new SysError('PAGEMAP_SCAN', scan.errno, `task ${task.pid}`);
  const runs: { start: bigint; end: bigint; flags: number }[] = [];
  for (let i = 0; i < scan.pages.length; i += 3) {
    const vma = own[Number(scan.pages[i + 2]!)]!;
    const flags = canBeLazy(vma.entry) ? LAZY | PRESENT : PRESENT;
    runs.push({ start: scan.pages[i]!, end: scan.pages[i + 1]!, flags });
  }
  for (const { entry, pages } of vmas)
    if (pages === 'all') runs.push({ start: entry.start, end: entry.end, flags: PRESENT });
  runs.sort((a, b) => (a.start < b.start ? -1 : 1));
  ctx.stats.pagesScanned += own.reduce((n, v) => n + Number((v.entry.end - v.entry.start) / PAGE), 0);
  return { task, ...joined(runs), guards: guardsOf(scan.guards) };
}

/** Neighbours of the same kind become one run, across mappings too. */
function joined(runs: readonly { start: bigint; end: bigint; flags: number }[]) {
  const entries: PagemapEntry[] = [];
  let end = -1n;
  let total = 0n;
  for (const run of runs) {
    const last = entries.at(-1);
    const pages = (run.end - run.start) / PAGE;
    total += pages;
    if (last && end === run.start && last.flags === run.flags) last.nr_pages = last.nr_pages! + pages;
    else entries.push({ vaddr: run.start, compat_nr_pages: 0, flags: run.flags, nr_pages: pages });
    end = run.end;
  }
  const ranges = new BigUint64Array(entries.length * 2);
  entries.forEach((entry, i) => {
    ranges[i * 2] = entry.vaddr;
    ranges[i * 2 + 1] = entry.nr_pages! * PAGE;
  });
  return { entries, ranges, bytes: Number(total * PAGE) };
}

function guardsOf(triples: BigUint64Array): { start: bigint; end: bigint }[] {
  const out: { start: bigint; end: bigint }[] = [];
  for (let i = 0; i < triples.length; i += 3) out.push({ start: triples[i]!, end: triples[i + 1]! });
  return out;
}

function failed(pid: number, result: { errno: number; address: bigint }, what: string): CriuError {
  const at = `0x${result.address.toString(16)}`;
  return asCriuError(new SysError('page pump', result.errno), `${what} at ${at}`, { pid });
}

/** Gives the pages of a task a number, and the images their pagemap. */
export function numberPages(ctx: DumpContext, plan: PagePlan, file: PagesFile | undefined): number {
  const id = file?.id ?? ctx.images.newPagesId();
  ctx.images.add('PAGEMAP', { pages_id: id }, { id: plan.task.pid });
  for (const entry of plan.entries) ctx.images.add('PAGEMAP', entry, { id: plan.task.pid });
  ctx.stats.pagesWritten += plan.bytes / 4096;
  return id;
}

/** Copies the pages of a task to their image. @throws CriuError */
export async function copyPages(
  ctx: DumpContext,
  plan: PagePlan,
  id: number,
  file: PagesFile | undefined,
): Promise<void> {
  const { task, bytes, ranges } = plan;
  const fd = file?.fd ?? ctx.images.openRaw(`pages-${id}.img`);
  try {
    const threads = bytes > SMALL ? THREADS : SMALL_THREADS;
    const result = await addon().pumpToFile(task.pid, ranges, fd, 0, threads, file?.prepared);
    if (result.errno) throw failed(task.pid, result, 'cannot copy memory');
    if (file) sys('ftruncate', fd, bytes);
  } finally {
    if (!file) closeSync(fd);
  }
}
