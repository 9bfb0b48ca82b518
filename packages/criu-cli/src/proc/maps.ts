/** `/proc/PID/maps`: the mappings of a task's address space (proc_pid_maps(5)). */

import { decodeLatin1 } from '@criu/native';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '@criu/native/uapi';
import { PROC_ROOT, type ProcText, readText } from './io.js';
import { looksDeleted, unescapeNewline } from './names.js';
import { Scan } from './scan.js';

/**
 * One mapping. Addresses and the offset are plain numbers: they are multiples of the page size, so even those above
 * 2^53 (vsyscall at 0xffffffffff600000) are exact.
 */
export interface MapsEntry {
  /** First address. */
  start: number;
  /** First address after it. */
  end: number;
  /** `PROT_READ`, `PROT_WRITE` and `PROT_EXEC`. */
  prot: number;
  /** `MAP_SHARED` (really VM_MAYSHARE) as against `MAP_PRIVATE`. */
  shared: boolean;
  /** Offset in the file, in bytes. */
  pgoff: number;
  /** Major and minor number of the file's device (of its super block, which stat(2) may not show on btrfs). */
  major: number;
  minor: number;
  ino: bigint;
  /**
   * The path, empty for anonymous memory, or a special name (see {@link isSpecialMapping}). Kept as shown: a deleted
   * file's ends in " (deleted)". See {@link unescapeNewline} on names with `\012` in them.
   */
  path: string;
  /** Whether the path ends in " (deleted)"; a file may also really be named so. */
  deleted: boolean;
}

/** Whether this is a name in brackets that the kernel made up: `[heap]`, `[vdso]`, `[anon:name]`. */
export function isSpecialMapping(path: string): boolean {
  return path.startsWith('[');
}

/** Reads the lines that start mappings; remembers the last path, as neighbours mostly share it. */
export class MapsLines {
  private readonly scan: Scan;
  private lastRaw = '';
  private lastPath = '';
  private lastDeleted = false;

  constructor(scan: Scan) {
    this.scan = scan;
  }

  /** Reads the line at the cursor and steps to the next one. */
  next(): MapsEntry {
    const { scan } = this;
    const start = scan.hexPage();
    scan.expect('-');
    const end = scan.hexPage();
    if (end <= start) throw scan.error('the mapping ends before it starts');
    scan.expect(' ');
    const prot = this.flag('r', PROT_READ) | this.flag('w', PROT_WRITE) | this.flag('x', PROT_EXEC);
    const shared = this.flag('s', 1, 'p') === 1;
    scan.expect(' ');
    const pgoff = scan.hexPage();
    scan.expect(' ');
    const major = scan.hex();
    scan.expect(':');
    const minor = scan.hex();
    scan.expect(' ');
    const ino = scan.big();
    scan.blanks();
    this.readPath();
    return {
      start,
      end,
      prot,
      shared,
      pgoff,
      major,
      minor,
      ino,
      path: this.lastPath,
      deleted: this.lastDeleted,
    };
  }

  private flag(set: string, value: number, clear = '-'): number {
    if (this.scan.skip(set)) return value;
    this.scan.expect(clear);
    return 0;
  }

  private readPath(): void {
    const raw = this.scan.rest();
    if (raw === this.lastRaw) return;
    // A slice would keep the whole text alive for as long as the mapping is remembered.
    this.lastRaw = Buffer.from(raw, 'latin1').toString('latin1');
    this.lastPath = decodeLatin1(unescapeNewline(this.lastRaw));
    this.lastDeleted = looksDeleted(this.lastPath);
  }
}

/** Parses the text of maps; a kernel thread and a zombie have none. */
export function parseMaps(text: ProcText, file = 'maps'): MapsEntry[] {
  const scan = new Scan(text, file);
  const lines = new MapsLines(scan);
  const entries: MapsEntry[] = [];
  while (!scan.atEnd) entries.push(lines.next());
  return entries;
}

/** Reads the mappings of a task, by ascending address. */
export function readMaps(pid: number, root: string = PROC_ROOT): MapsEntry[] {
  return parseMaps(readText(pid, 'maps', root), `${root}/${pid}/maps`);
}
