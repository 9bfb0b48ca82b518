// The data and texts of `crit x`: processes, descriptors, mappings and resident pages.
import {
  describeEnum,
  type FileEntry,
  ImageError,
  type ImageSet,
  type PstreeEntry,
  pageCount,
  type VmaEntry,
} from '@criu/images';
import { quotedPrintable } from './python-text.js';

/** Bits of `vma_entry.status` and `vma_entry.flags` that determine how a mapping is shown. */
const VMA = {
  REGULAR: 1 << 0,
  STACK: 1 << 1,
  VSYSCALL: 1 << 2,
  VDSO: 1 << 3,
  FILE: (1 << 6) | (1 << 7),
  FILE_SHARED: 1 << 7,
  ANON_SHARED: 1 << 8,
  SYSVIPC: 1 << 10,
  SOCKET: 1 << 11,
} as const;
const MAP_GROWSDOWN = 0x100;

export interface ProcessRow {
  readonly pid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly depth: number;
  readonly comm: string;
}

export interface DescriptorRow {
  /** A number, or `cwd` or `root`. */
  readonly fd: number | 'cwd' | 'root';
  readonly file: string;
}

export interface MappingRow {
  readonly start: bigint;
  readonly end: bigint;
  readonly prot: string;
  readonly what: string;
  /** CRIU restores the contents of the mapping; false for mappings that it only records. */
  readonly regular: boolean;
}

export interface ResidentRow {
  readonly address: bigint;
  readonly pages: bigint;
  readonly mappings: {
    readonly start: bigint;
    readonly pages: bigint;
    readonly file?: string;
    readonly again?: true;
  }[];
}

/** Reads one checkpoint; reads each image once. */
export class Explorer {
  private readonly typeNames = new Map(
    [...describeEnum('FdTypes').values].map(([name, value]) => [value, name]),
  );
  /** Files by id, for references from mappings. The first file with an id is used. */
  private table: Map<number, FileEntry> | undefined;
  private readonly sharedIds = new Map<bigint, number>();

  constructor(readonly set: ImageSet) {}

  processes(): ProcessRow[] {
    const rows: ProcessRow[] = [];
    const children = new Map<number, PstreeEntry[]>();
    const tasks = this.set.tasks();
    let root: PstreeEntry | undefined;
    const pids = new Set(tasks.map((task) => task.pid));
    for (const task of tasks) {
      if (task.ppid === 0) {
        root = task;
        continue;
      }
      if (!pids.has(task.ppid)) {
        const reason = `the parent ${task.ppid} of process ${task.pid} is not in the tree`;
        throw new ImageError('unresolved', reason, this.set.path('pstree.img'));
      }
      const siblings = children.get(task.ppid);
      if (siblings === undefined) children.set(task.ppid, [task]);
      else siblings.push(task);
    }
    const seen = new Set<number>();
    const visit = (task: PstreeEntry, depth: number): void => {
      if (seen.has(task.pid)) return;
      seen.add(task.pid);
      const { pid, pgid, sid } = task;
      rows.push({ pid, pgid, sid, depth, comm: this.set.core(pid).tc?.comm ?? '' });
      for (const child of children.get(pid) ?? []) visit(child, depth + 1);
    };
    if (root !== undefined) visit(root, 0);
    return rows;
  }

  descriptors(pid: number): DescriptorRow[] {
    const rows: DescriptorRow[] = this.set
      .descriptors(pid)
      .map((entry) => ({ fd: entry.fd, file: this.fileText(entry.type, entry.id) }));
    const fs = this.set.fs(pid);
    if (fs !== undefined) {
      rows.push({ fd: 'cwd', file: this.path(fs.cwd_id) }, { fd: 'root', file: this.path(fs.root_id) });
    }
    return rows;
  }

  mappings(pid: number): { exe: string; rows: MappingRow[] } | undefined {
    const mm = this.set.mm(pid);
    if (mm === undefined) return undefined;
    return { exe: this.path(mm.exe_file_id), rows: mm.vmas.map((vma) => this.mapping(vma)) };
  }

  mapping(vma: VmaEntry): MappingRow {
    const prot = `${vma.prot & 1 ? 'r' : '-'}${vma.prot & 2 ? 'w' : '-'}${vma.prot & 4 ? 'x' : '-'}`;
    const regular = (vma.status & VMA.REGULAR) !== 0;
    return { start: vma.start, end: vma.end, prot, what: this.mappingText(vma), regular };
  }

  resident(pid: number): ResidentRow[] {
    const vmas = this.set.mm(pid)?.vmas ?? [];
    const rows: ResidentRow[] = [];
    let index = 0;
    let shown = -1;
    for (const entry of this.set.pagemap(pid)?.entries ?? []) {
      const pages = pageCount(entry);
      const end = entry.vaddr + (pages << 12n);
      let vma = vmas[index];
      while (vma !== undefined && vma.end <= entry.vaddr) vma = vmas[++index];
      const mappings: ResidentRow['mappings'] = [];
      for (; vma !== undefined && vma.start < end; vma = vmas[++index]) {
        const row = { start: vma.start, pages: (vma.end - vma.start) >> 12n };
        if (index === shown) mappings.push({ ...row, again: true });
        else if (vma.status & VMA.FILE) mappings.push({ ...row, file: this.path(Number(vma.shmid)) });
        else mappings.push(row);
        shown = index;
      }
      // The next run of pages may continue in the last mapping.
      index--;
      if (index < 0) index = 0;
      rows.push({ address: entry.vaddr, pages, mappings });
    }
    return rows;
  }

  /** The name of an open file in crit. */
  fileText(type: number, id: number): string {
    const name = this.typeNames.get(type) ?? String(type);
    const file = this.files().get(id);
    if (name === 'REG') return file?.reg?.name || 'unknown path';
    if (name === 'PIPE') return file?.pipe ? `pipe[${file.pipe.pipe_id}]` : 'pipe[?]';
    if (name === 'UNIXSK') {
      const socket = file?.usk;
      if (socket === undefined) return 'unix[?]';
      const path = socket.name.length > 0 ? ` ${quotedPrintable(socket.name)}` : '';
      return `unix[${socket.ino} (${socket.peer})${path}]`;
    }
    return `${name}.${id}`;
  }

  path(id: number): string {
    return this.files().get(id)?.reg?.name || 'unknown path';
  }

  private files(): Map<number, FileEntry> {
    if (this.table === undefined) {
      const table = new Map<number, FileEntry>();
      if (this.set.has('FILES')) {
        for (const entry of this.set.entries('FILES')) if (!table.has(entry.id)) table.set(entry.id, entry);
      } else {
        for (const [id, entry] of this.set.files()) table.set(id, entry);
      }
      this.table = table;
    }
    return this.table;
  }

  private mappingText(vma: VmaEntry): string {
    const { status } = vma;
    if (status & VMA.SYSVIPC) return `ips[${this.sharedId(vma.shmid)}]`;
    if (status & VMA.ANON_SHARED) return `shmem[${this.sharedId(vma.shmid)}]`;
    if (status & VMA.SOCKET) return `packet[${this.sharedId(vma.shmid)}]`;
    if (status & VMA.FILE) {
      const offset = vma.pgoff === 0n ? '' : ` + 0x${vma.pgoff.toString(16)}`;
      return `${this.path(Number(vma.shmid))}${offset}${status & VMA.FILE_SHARED ? ' (s)' : ''}`;
    }
    if (status & VMA.STACK) return '[stack]';
    if (status & VMA.VSYSCALL) return '[vsyscall]';
    if (status & VMA.VDSO) return '[vdso]';
    return vma.flags & MAP_GROWSDOWN ? '[stack?]' : '';
  }

  /** Shared memory gets short numbers in the order of occurrence. */
  private sharedId(shmid: bigint): string {
    let id = this.sharedIds.get(shmid);
    if (id === undefined) {
      id = this.sharedIds.size + 1;
      this.sharedIds.set(shmid, id);
    }
    return id.toString(16);
  }
}

const address = (value: bigint): string => value.toString(16).padStart(8, '0');

export function processesText(explorer: Explorer): string {
  const line = (pid: number | string, pgid: number | string, sid: number | string, rest: string): string =>
    `${[pid, pgid, sid].map((value) => String(value).padStart(7)).join('')}   ${rest}\n`;
  const rows = explorer.processes();
  const text = rows.map((row) => line(row.pid, row.pgid, row.sid, ' '.repeat(4 * row.depth) + row.comm));
  return line('PID', 'PGID', 'SID', 'COMM') + text.join('');
}

export function descriptorsText(explorer: Explorer): string {
  let out = '';
  for (const { pid } of explorer.set.tasks()) {
    out += `${pid}\n`;
    for (const { fd, file } of explorer.descriptors(pid)) out += `\t${String(fd).padStart(7)}: ${file}\n`;
  }
  return out;
}

export function mappingsText(explorer: Explorer): string {
  let out = '';
  for (const { pid } of explorer.set.tasks()) {
    out += `${pid}\n`;
    const found = explorer.mappings(pid);
    if (found === undefined) continue;
    out += `\t${'exe'.padEnd(36)}    ${found.exe}\n`;
    for (const { start, end, prot, what, regular } of found.rows) {
      const range = `${address(start)}-${address(end)}`.padEnd(36);
      out += `\t${range}${prot}${what === '' ? '' : ` ${what}`}${regular ? '' : ' *'}\n`;
    }
  }
  return out;
}

export function residentText(explorer: Explorer): string {
  let out = '';
  for (const { pid } of explorer.set.tasks()) {
    out += `${pid}\n`;
    for (const row of explorer.resident(pid)) {
      let text = '';
      for (const { start, pages, file, again } of row.mappings) {
        text += again
          ? ' ~'
          : ` ${address(start)} / ${String(pages).padEnd(8)}${file === undefined ? '' : ` ${file}`}`;
        text += `\n\t${' '.repeat(23)}`;
      }
      out += `${`\t${row.address.toString(16)} / ${String(row.pages).padEnd(8)}`.padEnd(24)}${text}\n`;
    }
  }
  return out;
}
