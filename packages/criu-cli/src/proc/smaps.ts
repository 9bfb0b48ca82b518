/** `/proc/PID/smaps`: mappings with their flags and what of them is in memory (proc_pid_smaps(5)). */

import { PROC_ROOT, type ProcText, readText } from './io.js';
import { type MapsEntry, MapsLines } from './maps.js';
import { Scan } from './scan.js';

/** One mapping, as in maps, and its accounting; sizes are in bytes. */
export interface SmapsEntry extends MapsEntry {
  kernelPageSize: number;
  rss: number;
  sharedDirty: number;
  privateDirty: number;
  anonymous: number;
  anonHugePages: number;
  sharedHugetlb: number;
  privateHugetlb: number;
  swap: number;
  locked: number;
  /** Whether transparent huge pages may be used here. */
  thpEligible: boolean;
  /** Memory protection key, if the CPU has them. */
  protectionKey: number | undefined;
  /**
   * The two-letter codes of `VmFlags` in the kernel's order, as `['rd', 'wr', 'mr', …]`
   * (Documentation/filesystems/proc.rst). Entries with the same flags share one array.
   */
  vmFlags: readonly string[];
}

const NO_FLAGS: readonly string[] = Object.freeze([]);

/** Parses the text of smaps. Fields that a later kernel adds are skipped. */
export function parseSmaps(text: ProcText, file = 'smaps'): SmapsEntry[] {
  const scan = new Scan(text, file);
  const lines = new MapsLines(scan);
  const flags = new Map<string, readonly string[]>();
  const entries: SmapsEntry[] = [];
  while (!scan.atEnd) {
    const entry = blank(lines.next());
    entries.push(entry);
    while (!scan.atEnd && isField(text.charCodeAt(scan.pos))) readField(scan, entry, flags);
  }
  return entries;
}

/** Reads the mappings of a task with their accounting; much slower in the kernel than maps. */
export function readSmaps(pid: number, root: string = PROC_ROOT): SmapsEntry[] {
  return parseSmaps(readText(pid, 'smaps', root), `${root}/${pid}/smaps`);
}

/** A field begins with a capital letter, a mapping with a small hexadecimal digit. */
function isField(c: number): boolean {
  return c >= 65 && c <= 90;
}

function blank(vma: MapsEntry): SmapsEntry {
  return {
    start: vma.start,
    end: vma.end,
    prot: vma.prot,
    shared: vma.shared,
    pgoff: vma.pgoff,
    major: vma.major,
    minor: vma.minor,
    ino: vma.ino,
    path: vma.path,
    deleted: vma.deleted,
    kernelPageSize: 4096,
    rss: 0,
    sharedDirty: 0,
    privateDirty: 0,
    anonymous: 0,
    anonHugePages: 0,
    sharedHugetlb: 0,
    privateHugetlb: 0,
    swap: 0,
    locked: 0,
    thpEligible: false,
    protectionKey: undefined,
    vmFlags: NO_FLAGS,
  };
}

function readField(scan: Scan, entry: SmapsEntry, flags: Map<string, readonly string[]>): void {
  // By first letter: the twenty-odd fields come for every mapping, and half of them are of no interest.
  switch (scan.text.charCodeAt(scan.pos)) {
    case 0x41: // A
      if (scan.skip('Anonymous:')) entry.anonymous = kilobytes(scan);
      else if (scan.skip('AnonHugePages:')) entry.anonHugePages = kilobytes(scan);
      break;
    case 0x4b: // K
      if (scan.skip('KernelPageSize:')) entry.kernelPageSize = kilobytes(scan);
      break;
    case 0x4c: // L
      if (scan.skip('Locked:')) entry.locked = kilobytes(scan);
      break;
    case 0x50: // P
      if (scan.skip('Private_Dirty:')) entry.privateDirty = kilobytes(scan);
      else if (scan.skip('Private_Hugetlb:')) entry.privateHugetlb = kilobytes(scan);
      else if (scan.skip('ProtectionKey:')) entry.protectionKey = value(scan);
      break;
    case 0x52: // R
      if (scan.skip('Rss:')) entry.rss = kilobytes(scan);
      break;
    case 0x53: // S
      if (scan.skip('Shared_Dirty:')) entry.sharedDirty = kilobytes(scan);
      else if (scan.skip('Shared_Hugetlb:')) entry.sharedHugetlb = kilobytes(scan);
      else if (scan.skip('Swap:')) entry.swap = kilobytes(scan);
      break;
    case 0x54: // T
      if (scan.skip('THPeligible:')) entry.thpEligible = value(scan) !== 0;
      break;
    case 0x56: // V
      if (scan.skip('VmFlags:')) {
        entry.vmFlags = flagList(scan, flags);
        return;
      }
      break;
  }
  scan.nextLine();
}

function value(scan: Scan): number {
  scan.blanks();
  return scan.dec();
}

function kilobytes(scan: Scan): number {
  scan.blanks();
  const n = scan.dec();
  scan.expect(' kB');
  return n * 1024;
}

/** Splits the flags of one mapping; a task has only a handful of different lists, so each is made once. */
function flagList(scan: Scan, known: Map<string, readonly string[]>): readonly string[] {
  const raw = scan.rest();
  let list = known.get(raw);
  if (list === undefined) {
    list = Object.freeze(raw.split(' ').filter((code) => code !== ''));
    known.set(raw, list);
  }
  return list;
}
