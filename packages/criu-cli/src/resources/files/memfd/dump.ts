// memfd_create(2), and shared anonymous memory, which is a file of the same file system: inode and content once,
// each description with flags and position.
import { type Encodable, FdTypes, type FownEntry, type MemfdFileEntry } from '@criu/images';
import { close, cstring, SysError, sysRaw } from '@criu/native';
import type { BigIntStats } from '@criu/native/fs';
import { fstatSync } from '@criu/native/fs';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stripDeleted } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';
import { hugeFlag, hugeSizes, MFD_HUGETLB } from '../../memory/hugetlb.js';
import { dumpShmem } from '../../memory/shmem-dump.js';
import type { FileKind } from '../kind.js';
import { S_IFMT, S_IFREG } from '../open-file.js';

const F_GET_SEALS = 1034;
const F_SEAL_SEAL = 1;
const MFD_CLOEXEC = 1;
const PREFIX = '/memfd:';

interface Inodes {
  readonly ids: Map<string, bigint>;
  readonly shmids: Set<number>;
  readonly dev: bigint;
  /** Sizes of huge pages by the device that the kernel itself has for them. */
  readonly huge: ReadonlyMap<bigint, number>;
}

/** The device of memfds with certain flags; it takes no pages to find out. */
function deviceOf(flags: number): bigint | undefined {
  const probe = sysRaw('memfd_create', cstring('probe'), MFD_CLOEXEC | flags);
  if (probe < 0) {
    if (flags === 0) throw new SysError('memfd_create', -probe);
    return undefined;
  }
  const { dev } = fstatSync(probe, { bigint: true });
  close(probe);
  return dev;
}

const inodes = stateKey('inodes of memfds', (_: DumpContext): Inodes => {
  // All memfds and shared anonymous mappings live on one kernel-internal mount.
  const huge = new Map<bigint, number>();
  for (const size of hugeSizes()) {
    const dev = deviceOf(MFD_HUGETLB | hugeFlag(size));
    if (dev !== undefined) huge.set(dev, size);
  }
  return { ids: new Map(), shmids: new Set(), dev: deviceOf(0)!, huge };
});

function inodesOf(ctx: DumpContext): Inodes {
  return ctx.states.get(inodes);
}

/** Whether a file is on the mount of memfds. */
export function isMemfd(ctx: DumpContext, stat: BigIntStats): boolean {
  const { dev, huge } = inodesOf(ctx);
  return (stat.dev === dev || huge.has(stat.dev)) && (Number(stat.mode) & S_IFMT) === S_IFREG;
}

/** Size of the huge pages of a file that has no other name than a memfd has; undefined for one of ordinary pages. */
export function hugePageOf(ctx: DumpContext, { dev }: BigIntStats): number | undefined {
  return inodesOf(ctx).huge.get(dev);
}

/** Whether the content of a memfd has this number in the images. */
export function hasMemfdNumber(ctx: DumpContext, shmid: number): boolean {
  return inodesOf(ctx).shmids.has(shmid);
}

function shmidOf(ino: bigint): number {
  return Number(ino & 0xffffffffn);
}

/** Id of the inode; its entry and content go to the images when it is met first. `fd`: any descriptor of it. */
function inodeId(ctx: DumpContext, fd: number, link: string, stat: BigIntStats): bigint {
  const { ids, shmids, huge } = inodesOf(ctx);
  const key = `${stat.dev}:${stat.ino}`;
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = BigInt(ids.size + 1);
  ids.set(key, id);
  const path = stripDeleted(link);
  let shmid = shmidOf(stat.ino);
  // Files of ordinary and of huge pages are numbered apart.
  while (shmids.has(shmid)) shmid = (shmid + 0x40000000) >>> 0;
  shmids.add(shmid);
  const hugePage = huge.get(stat.dev);
  const seals = sysRaw('fcntl', fd, F_GET_SEALS);
  dumpShmem(ctx, fd, shmid, stat.size, hugePage);
  ctx.images.add('MEMFD_INODE', {
    name: path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: stat.size,
    shmid,
    seals: seals < 0 ? F_SEAL_SEAL : seals,
    inode_id: id,
    ...(hugePage === undefined ? {} : { hugetlb_flag: MFD_HUGETLB | hugeFlag(hugePage) }),
    mode: Number(stat.mode),
  });
  return id;
}

export interface MemfdFile {
  readonly fd: number;
  readonly link: string;
  readonly stat: BigIntStats;
  readonly flags: number;
  readonly pos: bigint;
  readonly fown: FownEntry;
}

export function memfdEntry(ctx: DumpContext, id: number, file: MemfdFile): Encodable<MemfdFileEntry> {
  return {
    id,
    flags: file.flags,
    pos: file.pos,
    fown: file.fown,
    inode_id: Number(inodeId(ctx, file.fd, file.link, file.stat)),
  };
}

export const memfd: FileKind = {
  name: 'memfd',
  type: FdTypes.MEMFD,
  matches: (file, ctx) => file.mode === S_IFREG && isMemfd(ctx, file.stat),
  dump: (ctx, _task, file, id) => ({ memfd: memfdEntry(ctx, id, { ...file, fd: file.local }) }),
};
