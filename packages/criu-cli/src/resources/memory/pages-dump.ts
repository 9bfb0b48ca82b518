// Content of private memory: which pages there are.
import { PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { VMA } from '../../images/vma.js';
import { joined, type PageRun, type PageRuns } from '../../pages/runs.js';
import { isHuge } from '../shared-memory/hugetlb.js';
import { canBeLazy, type DumpedVma } from './vmas-dump.js';

const PAGE = 4096n;
const { LAZY, PRESENT } = PagemapFlags;

/** Pages of one task. */
export interface PagePlan {
  readonly runs: PageRuns;
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
  const runs: PageRun[] = [];
  for (let i = 0; i < scan.pages.length; i += 3) {
    const vma = own[Number(scan.pages[i + 2]!)]!;
    const flags = canBeLazy(vma.entry) ? LAZY | PRESENT : PRESENT;
    runs.push({ start: scan.pages[i]!, end: scan.pages[i + 1]!, flags });
  }
  for (const { entry, pages } of vmas)
    if (pages === 'all') runs.push({ start: entry.start, end: entry.end, flags: PRESENT });
  runs.sort((a, b) => (a.start < b.start ? -1 : 1));
  ctx.stats.pagesScanned += own.reduce((n, v) => n + Number((v.entry.end - v.entry.start) / PAGE), 0);
  const unnoticed = vmas
    .map(({ entry }) => entry)
    .filter(({ status, flags }) => status & VMA.AIORING || isHuge(flags));
  return { runs: { ...joined(runs), unnoticed }, guards: guardsOf(scan.guards) };
}

function guardsOf(triples: BigUint64Array): { start: bigint; end: bigint }[] {
  const out: { start: bigint; end: bigint }[] = [];
  for (let i = 0; i < triples.length; i += 3) out.push({ start: triples[i]!, end: triples[i + 1]! });
  return out;
}
