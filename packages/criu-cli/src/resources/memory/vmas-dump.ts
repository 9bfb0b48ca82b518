// The mappings of a task as entries: what each is, with which flags, and the file behind it.
import { FdTypes, type VmaEntry } from '@criu/images';
import { closeSync, constants, fstatSync, lstatSync, openSync } from '@criu/native/fs';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { asCriuError, CriuError } from '../../errors.js';
import { MAP, VMA } from '../../images/vma.js';
import { type FlaggedMapping, mapFileName, readMapFile } from '../../proc/index.js';
import { ownsNamespace } from '../../views/namespaces.js';
import { memfdEntry } from '../files/memfd/dump.js';
import { fsTypeOf, major, NO_OWNER, S_IFCHR, S_IFMT, S_IFREG } from '../files/open-file.js';
import { packetFileId } from '../files/packet/dump.js';
import { unopened } from '../files/regular/dump.js';
import { openFiles } from '../files/table.js';
import { HUGETLBFS_MAGIC, hugeFlag } from '../shared-memory/hugetlb.js';
import { hugePageOf, isMemfd } from '../shared-memory/inodes.js';

const MAP_DROPPABLE = 8;
const DEV_ZERO = 0x105n;
/** How the kernel names the file of anonymous huge pages. */
const ANON_HUGE = '/anon_hugepage';
const FLAG_BITS: Readonly<Record<string, number>> = {
  gd: MAP.GROWSDOWN,
  lo: MAP.LOCKED,
  nr: MAP.NORESERVE,
  ht: MAP.HUGETLB,
  dp: MAP_DROPPABLE,
};
/** MADV_* number by flag of smaps. */
const ADVICE: Readonly<Record<string, number>> = {
  sr: 2,
  rr: 1,
  dc: 10,
  dd: 16,
  mg: 12,
  hg: 14,
  nh: 15,
  wf: 18,
};

/** A mapping, and what of it may have to go to the images. */
export interface DumpedVma {
  entry: VmaEntry;
  readonly pages: 'own' | 'all' | 'none';
}

interface FileBehind {
  /** Undefined for private huge pages that are no file's. */
  readonly id: number | undefined;
  readonly status: number;
  readonly flags: number;
}

function flagsOf(smap: FlaggedMapping): { flags: number; madv: bigint; special: boolean } {
  let flags: number = smap.shared ? MAP.SHARED : MAP.PRIVATE;
  let madv = 0n;
  let special = false;
  for (const code of smap.vmFlags) {
    flags |= FLAG_BITS[code] ?? 0;
    const advice = ADVICE[code];
    if (advice !== undefined) madv |= 1n << BigInt(advice);
    if (code === 'io' || code === 'pf') special = true;
  }
  if (flags & MAP_DROPPABLE) flags &= ~MAP.PRIVATE;
  return { flags, madv, special };
}

/** Makes entries of one task; neighbours mostly share the file, which is looked at only once. */
export class VmaDumper {
  private readonly files = new Map<string, FileBehind>();

  constructor(
    private readonly ctx: DumpContext,
    private readonly task: LiveTask,
    /** Files are of no interest, but for those whose content is memory. */
    private readonly pagesOnly = false,
  ) {}

  all(): DumpedVma[] {
    const out: DumpedVma[] = [];
    for (const smap of this.task.smaps) {
      if (smap.path === '[uprobes]') this.refuse(smap, 'a probe is set in its code', 'remove the probes');
      const vma = this.one(smap);
      const last = out.at(-1)?.entry;
      const both = VMA.VVAR & vma.entry.status & (last?.status ?? 0);
      // [vvar] and [vvar_vclock] are one mapping in two pieces since Linux 6.13.
      if (last && both && last.end === vma.entry.start)
        out[out.length - 1]!.entry = { ...last, end: vma.entry.end };
      else out.push(vma);
    }
    return out;
  }

  private one(smap: FlaggedMapping): DumpedVma {
    const { flags, madv, special } = flagsOf(smap);
    const entry: VmaEntry = {
      start: BigInt(smap.start),
      end: BigInt(smap.end),
      pgoff: BigInt(smap.pgoff),
      shmid: 0n,
      prot: smap.prot,
      flags,
      status: VMA.REGULAR,
      fd: -1n,
    };
    if (madv) entry.madv = madv;
    if (smap.ino !== 0n || smap.major !== 0 || smap.minor !== 0) this.fileMapping(smap, entry);
    else this.anonymous(smap, entry);
    if (special && !(entry.status & VMA.VVAR))
      this.refuse(smap, 'device memory is mapped', 'unmap it before the dump');
    return { entry, pages: this.wanted(entry) };
  }

  private anonymous(smap: FlaggedMapping, entry: VmaEntry): void {
    entry.flags |= MAP.ANONYMOUS;
    if (smap.path === '[vsyscall]') {
      entry.status = VMA.VSYSCALL | VMA.ANON_PRIVATE;
      return;
    }
    if (smap.path === '[vdso]') entry.status |= VMA.VDSO;
    else if (smap.path === '[vvar]' || smap.path === '[vvar_vclock]') entry.status |= VMA.VVAR;
    else if (smap.path === '[heap]') entry.status |= VMA.HEAP;
    if (smap.vmFlags.includes('ss')) this.refuse(smap, 'it has a shadow stack');
    entry.status |= smap.shared ? VMA.ANON_SHARED : VMA.ANON_PRIVATE;
  }

  private fileMapping(smap: FlaggedMapping, entry: VmaEntry): void {
    if (smap.path.startsWith('/[aio]')) {
      // Nothing but io_setup(2) makes such a file, and there is no path to it.
      entry.status = VMA.AIORING;
      entry.fdflags = 2;
      return;
    }
    const socket = /^socket:\[(\d+)\]$/.exec(smap.path);
    if (socket) {
      // Descriptors are collected after the mappings.
      this.ctx.later(() => {
        const id = packetFileId(this.ctx, Number(socket[1]));
        if (id === undefined) this.refuse(smap, 'a socket is mapped that no dumped task has open');
        entry.shmid = BigInt(id);
      });
      entry.status |= VMA.SOCKET;
      return;
    }
    const name = mapFileName(smap.start, smap.end);
    const mode = Number(lstatSync(`/proc/${this.task.pid}/${name}`).mode) & 0o600;
    entry.fdflags = mode === 0o600 ? 2 : mode === 0o200 ? 1 : 0;
    if (smap.path.startsWith('/SYSV') && this.sysv(smap, entry)) return;
    // Private huge pages may be of a memfd, which others map too.
    const key = `${smap.shared} ${smap.major}:${smap.minor}:${smap.ino}:${smap.path}`;
    let file = this.files.get(key);
    if (!file) {
      file = this.describe(smap, name);
      this.files.set(key, file);
    }
    entry.flags |= file.flags;
    if (file.id === undefined) {
      delete entry.fdflags;
      entry.status |= file.status;
      return;
    }
    entry.shmid = BigInt(file.id);
    entry.status |= file.status | (smap.shared ? VMA.FILE_SHARED : VMA.FILE_PRIVATE);
  }

  /** The inode of a System V segment is its id. */
  private sysv(smap: FlaggedMapping, entry: VmaEntry): boolean {
    if (smap.major !== 0 || !smap.shared) return false;
    if (!ownsNamespace(this.ctx, 'ipc'))
      this.refuse(
        smap,
        'System V shared memory of the host is attached',
        'dump the task with an IPC namespace of its own',
      );
    if (entry.flags & MAP.HUGETLB) this.refuse(smap, 'System V shared memory of huge pages is attached');
    entry.flags |= MAP.ANONYMOUS;
    entry.status |= VMA.ANON_SHARED | VMA.SYSVIPC;
    entry.shmid = smap.ino;
    return true;
  }

  private describe(smap: FlaggedMapping, name: string): FileBehind {
    const { ctx, task } = this;
    const about = { pid: task.pid, file: smap.path };
    const link = readMapFile(task.pid, smap.start, smap.end) ?? smap.path;
    let local: number;
    try {
      // O_PATH has no need of the file's own open(), which may do anything for a device.
      local = openSync(`/proc/${task.pid}/${name}`, smap.major === 0 ? constants.O_RDONLY : 0o10000000);
    } catch (error) {
      throw asCriuError(error, 'cannot open the file of a mapping', about);
    }
    try {
      const stat = fstatSync(local, { bigint: true });
      const type = Number(stat.mode) & S_IFMT;
      if (type !== S_IFREG && !(type === S_IFCHR && stat.rdev === DEV_ZERO))
        this.refuse(
          smap,
          `a ${type === S_IFCHR ? `device ${major(stat.rdev)}` : 'socket or device'} is mapped`,
        );
      const hugePage = hugePageOf(ctx, stat);
      const flags = hugePage === undefined ? 0 : hugeFlag(hugePage);
      // The kernel has a file for them too, of its own and of no use to anybody.
      if (hugePage !== undefined && !smap.shared && smap.path.startsWith(ANON_HUGE))
        return { id: undefined, status: VMA.ANON_PRIVATE, flags: flags | MAP.ANONYMOUS };
      if (isMemfd(ctx, stat)) {
        const id = openFiles(ctx).specialId(stat, (made) => {
          const file = { fd: local, link, stat, flags: 0, pos: 0n, fown: NO_OWNER };
          ctx.images.add('FILES', { type: FdTypes.MEMFD, id: made, memfd: memfdEntry(ctx, made, file) });
        });
        return { id, status: VMA.MEMFD, flags };
      }
      if (this.pagesOnly) return { id: 0, status: 0, flags: 0 };
      const file = unopened({ pid: task.pid, local, link, stat, fsType: fsTypeOf(local) });
      if (file.fsType === HUGETLBFS_MAGIC && stat.nlink === 0n)
        this.refuse(smap, 'a deleted file of huge pages is mapped', 'give it a name again before the dump');
      return { id: openFiles(ctx).pathId(file), status: 0, flags: 0 };
    } finally {
      closeSync(local);
    }
  }

  private wanted({ status, flags }: VmaEntry): DumpedVma['pages'] {
    // The kernel writes there unnoticed.
    if (status & VMA.AIORING) return 'all';
    const isPrivate = status & VMA.REGULAR && status & (VMA.ANON_PRIVATE | VMA.FILE_PRIVATE);
    if (!isPrivate || status & VMA.VVAR || flags & MAP_DROPPABLE) return 'none';
    // Restore may have to put calls into the old vDSO through to the new one.
    return status & VMA.VDSO ? 'all' : 'own';
  }

  private refuse(smap: FlaggedMapping, reason: string, remedy?: string): never {
    const range = `${smap.start.toString(16)}-${smap.end.toString(16)}`;
    throw new CriuError(
      'UNSUPPORTED',
      `mapping ${range}: ${reason}`,
      { pid: this.task.pid, file: smap.path },
      remedy,
    );
  }
}

/** Whether the pages of a mapping may be fetched after the restore (`--lazy-pages`). */
export function canBeLazy(entry: VmaEntry): boolean {
  const { flags, status } = entry;
  return (
    (flags & (MAP.ANONYMOUS | MAP.PRIVATE)) === (MAP.ANONYMOUS | MAP.PRIVATE) &&
    !(flags & (MAP.LOCKED | MAP.HUGETLB)) &&
    !(status & (VMA.VDSO | VMA.VVAR | VMA.VSYSCALL))
  );
}
