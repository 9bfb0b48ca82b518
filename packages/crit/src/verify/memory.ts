// Checks memory: order of mappings, pages within mappings, and sizes of pages images.
import { existsSync, statSync } from 'node:fs';
import {
  type FileEntry,
  imageFileName,
  type MmEntry,
  PAGE_SIZE,
  type PageMemory,
  PagemapFlags,
  type PstreeEntry,
  parseFileName,
  pathArg,
  readPagemapSync,
  VMA,
} from '@criu/images';
import type { Report } from './report.js';

const PAGE = BigInt(PAGE_SIZE);
const FILE_MAPPING = VMA.FILE_PRIVATE | VMA.FILE_SHARED;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

export function verifyMemory(
  report: Report,
  tasks: readonly PstreeEntry[],
  names: readonly string[],
  files: ReadonlyMap<number, FileEntry> | undefined,
): void {
  const { set } = report;
  for (const { pid } of tasks) {
    const mm = report.attempt(() => set.mm(pid));
    if (mm === undefined) continue;
    verifyMappings(report, imageFileName('MM', pid), mm, files);
    const name = imageFileName('PAGEMAP', pid);
    const memory = report.attempt(() => set.memory(pid));
    if (memory === undefined) {
      report.error(name, 'a process with an address space has no pagemap');
      continue;
    }
    verifyRuns(report, name, memory);
    verifyInside(report, name, memory, mm);
    memory.close();
  }
  for (const name of names) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image' || parsed.kind !== 'PAGEMAP' || !name.startsWith('pagemap-shmem-')) continue;
    const memory = report.attempt(() => set.sharedMemory(BigInt(parsed.id)));
    if (memory !== undefined) verifyRuns(report, name, memory);
    memory?.close();
  }
  verifySizes(report, names);
}

function verifyMappings(
  report: Report,
  name: string,
  mm: MmEntry,
  files: ReadonlyMap<number, FileEntry> | undefined,
): void {
  let before = 0n;
  for (const { start, end, status, shmid } of mm.vmas) {
    if (start >= end || start % PAGE !== 0n || end % PAGE !== 0n) {
      report.error(name, `a mapping can not go from ${hex(start)} to ${hex(end)}`);
    }
    // Guard regions are inside of mappings, and listed after all of these.
    if (status & VMA.GUARD) continue;
    if (start < before) report.error(name, `the mapping at ${hex(start)} overlaps the one before it`);
    before = end;
    if (status & FILE_MAPPING && files !== undefined && !files.has(Number(shmid))) {
      report.error(name, `the mapping at ${hex(start)} is of file ${shmid}, which is not there`);
    }
  }
}

function verifyRuns(report: Report, name: string, memory: PageMemory): void {
  let before = 0n;
  for (const { start, end, flags, page } of memory.runs) {
    if (start % PAGE !== 0n) report.error(name, `a run of pages can not begin at ${hex(start)}`);
    if (start < before) report.error(name, `the pages at ${hex(start)} are there twice`);
    before = end;
    if (page !== undefined || (flags & PagemapFlags.PARENT) === 0) continue;
    for (let at = start; at < end; at = nextInParent(memory, at)) {
      if (report.attempt(() => memory.locate(at)) === undefined) break;
    }
  }
}

/** The end of the run in the parent with this address, or the next page without one. */
function nextInParent(memory: PageMemory, address: bigint): bigint {
  return memory.parent()?.run(address)?.end ?? address + PAGE;
}

function verifyInside(report: Report, name: string, memory: PageMemory, mm: MmEntry): void {
  let index = 0;
  for (const { start, end } of memory.runs) {
    for (let at = start; at < end; ) {
      let vma = mm.vmas[index];
      while (vma !== undefined && vma.end <= at) vma = mm.vmas[++index];
      if (vma === undefined || vma.start > at) {
        report.error(name, `the pages at ${hex(at)} are outside of all mappings`);
        return;
      }
      at = vma.end;
    }
  }
}

/** Several pagemaps may share one pages image; its size must be the sum of theirs. */
function verifySizes(report: Report, names: readonly string[]): void {
  const { set } = report;
  const expected = new Map<number, number>();
  for (const name of names) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image' || parsed.kind !== 'PAGEMAP') continue;
    report.attempt(() => {
      const { head } = readPagemapSync(set.path(name));
      const shared = name.startsWith('pagemap-shmem-');
      const memory = shared ? set.sharedMemory(BigInt(parsed.id)) : set.memory(Number(parsed.id));
      expected.set(head.pages_id, (expected.get(head.pages_id) ?? 0) + (memory?.storedBytes ?? 0));
    });
  }
  for (const [id, bytes] of expected) {
    const name = `pages-${id}.img`;
    const path = set.path(name);
    const size = existsSync(pathArg(path)) ? statSync(pathArg(path)).size : 0;
    if (size !== bytes) report.error(name, `the pagemaps need ${bytes} bytes of pages, and it has ${size}`);
  }
  for (const name of names) {
    const id = /^pages-(\d+)\.img$/.exec(name)?.[1];
    if (id !== undefined && !expected.has(Number(id))) report.warning(name, 'no pagemap refers to it');
  }
}
