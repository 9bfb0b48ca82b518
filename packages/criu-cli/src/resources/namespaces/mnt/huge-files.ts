// Files of hugetlbfs: write(2) does not support them, so an archive is extracted to a tmpfs, and its files are copied
// through mappings, piece by piece. Holes are preserved in units of huge pages.
import { Agent, Program } from '@criu/compel';
import { cstring, SysError, sys, sysRaw } from '@criu/native';
import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  ENXIO,
  FSCONFIG_CMD_CREATE,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  SEEK_DATA,
  SEEK_HOLE,
  stat,
  statfs,
  timespec,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../../errors.js';

/** Bytes that are mapped at a time. */
const AT_ONCE = 1 << 26;

export interface Run {
  /** Offsets in bytes, multiples of the huge page size; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The huge pages that contain data, in runs of at most `most` bytes (or one page if that is larger). */
export function hugeRuns(data: readonly Run[], page: number, most = AT_ONCE): Run[] {
  const whole: { start: number; end: number }[] = [];
  for (const { start, end } of data) {
    const first = Math.floor(start / page) * page;
    const last = Math.ceil(end / page) * page;
    const before = whole.at(-1);
    if (before && first <= before.end) before.end = Math.max(before.end, last);
    else whole.push({ start: first, end: last });
  }
  const step = Math.max(1, Math.floor(most / page)) * page;
  const runs: Run[] = [];
  for (const { start, end } of whole)
    for (let at = start; at < end; at += step) runs.push({ start: at, end: Math.min(end, at + step) });
  return runs;
}

/** The parts of a file that contain data, by lseek(2). @throws SysError */
function dataOf(fd: number, size: number): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < size; ) {
    const start = sysRaw('lseek', fd, at, SEEK_DATA);
    if (start === -ENXIO) break;
    if (start < 0) throw new SysError('lseek', -start);
    const end = sys('lseek', fd, start, SEEK_HOLE);
    runs.push({ start, end });
    at = end;
  }
  return runs;
}

/** Creates a detached tmpfs. @returns a descriptor of its root @throws SysError */
export function memoryAside(): number {
  const context = sys('fsopen', cstring('tmpfs'), FSOPEN_CLOEXEC);
  try {
    sys('fsconfig', context, FSCONFIG_CMD_CREATE, null, null, 0);
    return sys('fsmount', context, FSMOUNT_CLOEXEC, 0);
  } finally {
    closeSync(context);
  }
}

/** Copies files into a hugetlbfs mount. */
class Filler {
  /** Paths of files with several links, by inode. */
  private readonly linked = new Map<number, string>();
  private helper: Agent | undefined;

  constructor(private readonly page: number) {}

  async folder(from: string, to: string): Promise<void> {
    for (const name of readdirSync(from)) await this.one(`${from}/${name}`, `${to}/${name}`);
    this.attributes(from, to);
  }

  async end(): Promise<void> {
    await this.helper?.exit();
  }

  private async one(from: string, to: string): Promise<void> {
    const { mode, ino, nlink, rdev } = lstatSync(from);
    const kind = mode & S_IFMT;
    const before = this.linked.get(ino);
    if (before !== undefined && kind !== S_IFDIR) {
      sys('linkat', AT_FDCWD, cstring(before), AT_FDCWD, cstring(to), 0);
      return;
    }
    if (nlink > 1) this.linked.set(ino, to);
    if (kind === S_IFDIR) {
      sys('mkdirat', AT_FDCWD, cstring(to), mode & 0o777);
      await this.folder(from, to);
      return;
    }
    if (kind === S_IFLNK) sys('symlinkat', cstring(readlinkSync(from)), AT_FDCWD, cstring(to));
    else {
      sys('mknodat', AT_FDCWD, cstring(to), mode, rdev);
      if (kind === S_IFREG) await this.content(from, to);
    }
    this.attributes(from, to);
  }

  private async content(from: string, to: string): Promise<void> {
    const { O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
    const source = openSync(from, O_RDONLY | O_NOFOLLOW);
    try {
      const target = openSync(to, O_RDWR | O_NOFOLLOW);
      try {
        const { size } = lstatSync(from);
        sys('ftruncate', target, size);
        for (const run of hugeRuns(dataOf(source, size), this.page))
          await this.fill(source, target, run, size);
      } finally {
        closeSync(target);
      }
    } finally {
      closeSync(source);
    }
  }

  /** Copies in a helper process: a process that finds no huge page left gets SIGBUS. */
  private async fill(source: number, target: number, { start, end }: Run, size: number): Promise<void> {
    this.helper ??= Agent.start({ name: 'files of huge pages' });
    const p = new Program('huge pages of a file');
    const [from, to] = [p.fd(source), p.fd(target)];
    const length = end - start;
    const at = p.syscall('mmap', [0, length, PROT_READ | PROT_WRITE, MAP_SHARED, to, start], {
      label: `${length / this.page} huge pages of ${this.page >> 10} KiB`,
    });
    const bytes = Math.min(size, end) - start;
    p.syscall('pread64', [from, at, bytes, start], { expect: bytes, label: 'content of huge pages' });
    p.syscall('munmap', [at, length]);
    for (const fd of [from, to]) p.syscall('close', [fd]);
    await this.helper.run(p);
  }

  private attributes(from: string, to: string): void {
    const { mode, uid, gid } = lstatSync(from);
    const name = cstring(to);
    sys('fchownat', AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    if ((mode & S_IFMT) !== S_IFLNK) sys('fchmodat', AT_FDCWD, name, mode & 0o7777);
    const status = Buffer.alloc(stat.sizeof);
    sys('newfstatat', AT_FDCWD, cstring(from), status, AT_SYMLINK_NOFOLLOW);
    // st_mtim follows st_atim.
    const times = status.subarray(stat.st_atim, stat.st_mtim + timespec.sizeof);
    sys('utimensat', AT_FDCWD, name, times, AT_SYMLINK_NOFOLLOW);
  }
}

/** Huge page size in bytes of a file system: `f_bsize` of statfs(2). @throws SysError */
function pageOf(fd: number): number {
  const room = Buffer.alloc(statfs.sizeof);
  sys('fstatfs', fd, room);
  return Number(room.readBigInt64LE(statfs.f_bsize));
}

/** Copies files into a hugetlbfs mount, both given by descriptors of their roots. @throws CriuError */
export async function fillHuge(from: number, to: number, what: string): Promise<void> {
  const page = pageOf(to);
  const filler = new Filler(page);
  try {
    await filler.folder(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`);
  } catch (error) {
    const cause = asCriuError(error, 'copy');
    throw new CriuError(
      cause.code,
      `${what}: its files of huge pages cannot be filled`,
      { file: what },
      `see how many pages are free in /sys/kernel/mm/hugepages/hugepages-${page >> 10}kB/free_hugepages, and have the kernel keep more (nr_hugepages beside it)`,
      cause,
    );
  } finally {
    await filler.end();
  }
}
