// Converts the mappings of a task to VMA entries, with type, flags and file.

import { FdTypes, RangeTable, type VmaAttributes, type VmaTable } from '@criu/images';
import { closeSync, constants, fstatSync, openSync, statSync } from '@criu/native/fs';
import {
  HUGETLBFS_MAGIC,
  MAP_ANONYMOUS,
  MAP_DROPPABLE,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_EXEC,
  S_IFCHR,
  S_IFMT,
  S_IFREG,
} from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import { asCriuError, CriuError } from '../../errors.js';
import { VMA } from '../../images/vma.js';
import { trackedTasks } from '../../pages/tracker.js';
import {
  type FlaggedMapping,
  mapFileName,
  readFds,
  readLinkMode,
  readMapFile,
  readMappings,
} from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { ownsNamespace } from '../../views/namespaces.js';
import { memfdEntry } from '../files/memfd/dump.js';
import { fsTypeOf, major, NO_OWNER } from '../files/open-file.js';
import { packetFileId } from '../files/packet/dump.js';
import { unopened } from '../files/regular/dump.js';
import { hasLease } from '../files/regular/reader.js';
import { openFiles } from '../files/table.js';
import { hugeFlag } from '../shared-memory/hugetlb.js';
import { hugePageOf, isMemfd } from '../shared-memory/inodes.js';
import { type FlagSum, sumFlags } from './vm-flags.js';

/** Names that the kernel gives to anonymous inodes. */
const ANON_INODE = 'anon_inode:';
const DEV_ZERO = 0x105n;
/** Name that the kernel gives to the file of anonymous huge pages. */
const ANON_HUGE = '/anon_hugepage';
/** Name of an anonymous mapping in smaps (PR_SET_VMA_ANON_NAME). */
const NAMED = /^\[anon(?:_shmem)?:(.*)\]$/s;

interface FileBehind {
  /** Undefined for private huge pages without a file. */
  readonly id: number | undefined;
  readonly status: number;
  readonly flags: number;
}

/** The tasks of all trackers. */
const tracked = stateKey('tracked tasks', (_: DumpContext): ReadonlySet<number> => trackedTasks());

/** Tasks whose code has run into a uprobe. */
export const probed = stateKey('probed tasks', (_: DumpContext): Set<number> => new Set());

/**
 * Creates the entries of one task. Mappings with the same description are looked at once, and so is a file that several
 * have.
 */
export class VmaDumper {
  private readonly files = new Map<string, FileBehind>();
  /** By the list of flag codes, which mappings with the same flags share. */
  private readonly sums = new Map<readonly string[], FlagSum>();

  constructor(
    private readonly ctx: DumpContext,
    private readonly task: LiveTask,
    /** Only look at files whose contents are memory. */
    private readonly pagesOnly = false,
  ) {}

  /** Reads all mappings of the task, and creates their entries. @throws ProcError */
  all(): VmaTable {
    const { task } = this;
    const vmas: VmaTable = new RangeTable();
    const smaps = new RangeTable<FlaggedMapping>();
    task.smaps = smaps;
    /** For each description its attributes in `vmas`, -1 for mappings that are left out. */
    const indexes: number[] = [];
    let clocks = -1;
    task.sharedBytes = 0;
    for (const { places, descriptions, fresh, shared } of readMappings(task.pid)) {
      task.sharedBytes += shared;
      for (const smap of fresh) {
        if (smap.path === '[vvar_vclock]') clocks = indexes.length;
        indexes.push(this.index(vmas, smap));
        smaps.attribute(smap);
      }
      for (let i = 0; i < descriptions.length; i++) {
        const description = descriptions[i] ?? 0;
        const start = places[2 * i] ?? 0;
        const end = places[2 * i + 1] ?? 0;
        smaps.add(start, end, description);
        const index = indexes[description] ?? -1;
        if (index < 0) continue;
        // Since Linux 6.13 this is one mapping shown in two pieces, unless the task has separated them.
        if (description === clocks && continues(vmas, start, index)) vmas.endLastAt(end);
        else vmas.add(start, end, index);
      }
      if (smaps.length >= this.ctx.tableLimit) break;
    }
    return vmas;
  }

  /** Adds what the entries of mappings have with this description; -1 if they are left out. */
  private index(vmas: VmaTable, smap: FlaggedMapping): number {
    // The kernel creates this page anew when a uprobe is hit.
    if (smap.path === '[uprobes]' && this.ctx.options.allowUprobes) {
      this.ctx.states.get(probed).add(this.task.pid);
      return -1;
    }
    const attributes = this.ctx.refusals.attempt(() => this.one(smap));
    return attributes ? vmas.attribute(attributes) : -1;
  }

  /** Whether the userfaultfd of the mapping belongs to our tracker, and no other flag prevents the dump. */
  private isTracked({ vmFlags }: FlaggedMapping): boolean {
    return (
      vmFlags.includes('uw') &&
      sumFlags(vmFlags.filter((flag) => flag !== 'uw')).refused === undefined &&
      this.ctx.states.get(tracked).has(this.task.pid)
    );
  }

  private one(smap: FlaggedMapping): VmaAttributes {
    if (smap.path === '[uprobes]')
      this.refuse(
        smap,
        'a probe is or was set in its code (uprobes)',
        'with --allow-uprobes it is dumped: the same probes have to be set when it is restored',
      );
    const { flags, madv, fields, refused } = this.sumOf(smap);
    const entry: VmaAttributes = {
      pgoff: BigInt(smap.pgoff),
      shmid: 0n,
      prot: smap.prot,
      // A droppable mapping is always private.
      flags: flags | (smap.shared ? MAP_SHARED : flags & MAP_DROPPABLE ? 0 : MAP_PRIVATE),
      status: VMA.REGULAR,
      fd: -1n,
    };
    if (madv) entry.madv = madv;
    if (smap.ino !== 0n || smap.major !== 0 || smap.minor !== 0) this.fileMapping(smap, entry);
    else this.anonymous(smap, entry);
    if (refused && !this.isFine(smap, entry, refused)) this.refuse(smap, refused.reason, refused.remedy);
    // The kernel itself uses a key for execute-only memory.
    if (smap.protectionKey && smap.prot !== PROT_EXEC)
      this.refuse(
        smap,
        `it has the protection key ${smap.protectionKey}`,
        'free it before the dump (pkey_free)',
      );
    if (!(entry.status & VMA.VSYSCALL)) Object.assign(entry, fields);
    const name = smap.path ? NAMED.exec(smap.path)?.[1] : undefined;
    if (name !== undefined) entry.anon_name = name;
    return entry;
  }

  /** Whether a flag that is refused in general is acceptable for this mapping. */
  private isFine(
    smap: FlaggedMapping,
    { status }: VmaAttributes,
    { unlessKernels }: NonNullable<FlagSum['refused']>,
  ): boolean {
    const isKernels = (status & (VMA.VVAR | VMA.VDSO | VMA.VSYSCALL)) !== 0;
    return (status & VMA.EXT_PLUGIN) !== 0 || (unlessKernels === true && isKernels) || this.isTracked(smap);
  }

  private sumOf({ vmFlags }: FlaggedMapping): FlagSum {
    let sum = this.sums.get(vmFlags);
    if (!sum) {
      sum = sumFlags(vmFlags);
      this.sums.set(vmFlags, sum);
      for (const code of sum.unknown)
        this.ctx.log.warn(`task ${this.task.pid}: the flag ${code} of mappings is not known and not kept`);
    }
    return sum;
  }

  private anonymous(smap: FlaggedMapping, entry: VmaAttributes): void {
    entry.flags |= MAP_ANONYMOUS;
    if (smap.path === '[vsyscall]') {
      entry.status = VMA.VSYSCALL | VMA.ANON_PRIVATE;
      return;
    }
    if (smap.path === '[vdso]') entry.status |= VMA.VDSO;
    else if (smap.path === '[vvar]' || smap.path === '[vvar_vclock]') entry.status |= VMA.VVAR;
    else if (smap.path === '[heap]') entry.status |= VMA.HEAP;
    entry.status |= smap.shared ? VMA.ANON_SHARED : VMA.ANON_PRIVATE;
  }

  private fileMapping(smap: FlaggedMapping, entry: VmaAttributes): void {
    if (smap.path.startsWith('/[aio]')) {
      // Only io_setup(2) creates such a file, which has no path.
      entry.status = VMA.AIORING;
      entry.fdflags = 2;
      return;
    }
    const socket = /^socket:\[(\d+)\]$/.exec(smap.path);
    if (socket) {
      // Descriptors are collected after mappings.
      this.ctx.later(() => {
        const id = packetFileId(this.ctx, Number(socket[1]));
        if (id === undefined) this.refuse(smap, 'a socket is mapped that no dumped task has open');
        entry.shmid = BigInt(id);
      });
      entry.status |= VMA.SOCKET;
      return;
    }
    if (smap.path.startsWith(ANON_INODE)) this.refuseAnonInode(smap);
    if (smap.path.startsWith('/secretmem'))
      this.refuse(smap, 'secret memory is mapped (memfd_secret), which only the task itself can read');
    const name = mapFileName(smap.start, smap.end);
    const mode = readLinkMode(this.task.pid, name) & 0o600;
    entry.fdflags = mode === 0o600 ? 2 : mode === 0o200 ? 1 : 0;
    if (smap.path.startsWith('/SYSV') && this.sysv(smap, entry)) return;
    // Private huge pages may belong to a memfd, which other mappings share.
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

  /** For a System V segment, the inode number is its id. */
  private sysv(smap: FlaggedMapping, entry: VmaAttributes): boolean {
    if (smap.major !== 0 || !smap.shared) return false;
    if (!ownsNamespace(this.ctx, 'ipc'))
      this.refuse(
        smap,
        'System V shared memory of the host is attached',
        'dump the task with an IPC namespace of its own',
      );
    if (entry.flags & MAP_HUGETLB) {
      const path = `/proc/${this.task.pid}/${mapFileName(smap.start, smap.end)}`;
      const hugePage = hugePageOf(this.ctx, statSync(path, { bigint: true }));
      // A regular file on hugetlbfs whose name looks like a segment.
      if (hugePage === undefined) return false;
      entry.flags |= hugeFlag(hugePage);
    }
    entry.flags |= MAP_ANONYMOUS;
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
      // O_PATH avoids the open function of devices, which may have side effects.
      const plain = smap.major === 0 && !hasLease(ctx, smap.ino);
      local = openSync(`/proc/${task.pid}/${name}`, plain ? constants.O_RDONLY : 0o10000000);
    } catch (error) {
      throw asCriuError(error, 'cannot open the file of a mapping', about);
    }
    try {
      const stat = fstatSync(local, { bigint: true });
      const type = Number(stat.mode) & S_IFMT;
      const device = type !== S_IFREG && !(type === S_IFCHR && stat.rdev === DEV_ZERO);
      if (device && this.isPlugins(smap, local)) {
        const file = unopened({ pid: task.pid, local, link, stat, fsType: fsTypeOf(local) });
        const id = this.pagesOnly ? 0 : openFiles(ctx).pathId(file);
        return { id, status: VMA.EXT_PLUGIN, flags: 0 };
      }
      if (device)
        this.refuse(
          smap,
          `a ${type === S_IFCHR ? `device ${major(stat.rdev)}` : 'socket or device'} is mapped`,
        );
      const hugePage = hugePageOf(ctx, stat);
      const flags = hugePage === undefined ? 0 : hugeFlag(hugePage);
      // The kernel's internal file of private anonymous huge pages is not needed.
      if (hugePage !== undefined && !smap.shared && smap.path.startsWith(ANON_HUGE))
        return { id: undefined, status: VMA.ANON_PRIVATE, flags: flags | MAP_ANONYMOUS };
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

  /** Whether a plugin restores the contents of a mapped device. @throws CriuError PLUGIN_FAILED */
  private isPlugins(smap: FlaggedMapping, fd: number): boolean {
    const { hooks } = this.ctx;
    if (!hooks.has('HANDLE_DEVICE_VMA')) return false;
    const about = `the mapping of ${smap.path} at ${smap.start.toString(16)}`;
    return hooks.askNow('HANDLE_DEVICE_VMA', { fd, about, pid: this.task.pid }) !== undefined;
  }

  /** Refuses memory of kernel objects without a file: io_uring, perf events, virtual machines. */
  private refuseAnonInode(smap: FlaggedMapping): never {
    const what = /\[(.+)\]/.exec(smap.path)?.[1] ?? smap.path;
    // The descriptor that was mapped is not recorded, and may have been closed.
    const fds = readFds(this.task.pid).filter(({ link }) => link === smap.path);
    const through = fds.length > 0 ? `descriptor ${fds.map(({ fd }) => fd).join(', ')}` : 'none that is open';
    this.refuse(
      smap,
      `${what} is mapped (${through})`,
      `have the program end its use of ${what} before the dump, or run it without`,
      fds[0]?.fd,
    );
  }

  private refuse(smap: FlaggedMapping, reason: string, remedy?: string, fd?: number): never {
    const range = `${smap.start.toString(16)}-${smap.end.toString(16)}`;
    throw new CriuError(
      'UNSUPPORTED',
      `mapping ${range}: ${reason}`,
      { pid: this.task.pid, ...(fd === undefined ? {} : { fd }), file: smap.path },
      remedy,
    );
  }
}

/** Whether the last mapping is the kernel's and continues at an address, with equal attributes. */
function continues(vmas: VmaTable, start: number, index: number): boolean {
  const at = vmas.length - 1;
  if (at < 0 || vmas.end(at) !== start) return false;
  const last = vmas.of(at);
  const next = vmas.attributes[index];
  return (
    (last.status & VMA.VVAR) !== 0 &&
    last.prot === next?.prot &&
    last.madv === next.madv &&
    last.sealed === next.sealed
  );
}

/** Which pages of a mapping may have to be dumped. */
export function wantedPages({ status, flags }: VmaAttributes): 'own' | 'all' | 'none' {
  if (status & VMA.EXT_PLUGIN) return 'none';
  // The kernel's writes are not tracked.
  if (status & VMA.AIORING) return 'all';
  const isPrivate = status & VMA.REGULAR && status & (VMA.ANON_PRIVATE | VMA.FILE_PRIVATE);
  if (!isPrivate || status & VMA.VVAR || flags & MAP_DROPPABLE) return 'none';
  // A restore may have to redirect calls from the old vDSO to the new one.
  return status & VMA.VDSO ? 'all' : 'own';
}

/** Whether the pages of a mapping may be restored lazily (`--lazy-pages`). */
export function canBeLazy(entry: Pick<VmaAttributes, 'flags' | 'status'>): boolean {
  const { flags, status } = entry;
  return (
    (flags & (MAP_ANONYMOUS | MAP_PRIVATE)) === (MAP_ANONYMOUS | MAP_PRIVATE) &&
    !(flags & (MAP_LOCKED | MAP_HUGETLB)) &&
    !(status & (VMA.VDSO | VMA.VVAR | VMA.VSYSCALL))
  );
}
