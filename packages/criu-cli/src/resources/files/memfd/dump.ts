// memfd_create(2) and shared anonymous memory, which are files of the same file system: inode and contents are stored
// once, each description with flags and position.
import type { Encodable, FownEntry, MemfdFileEntry, MemfdInodeEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { F_GET_SEALS, F_SEAL_SEAL, MFD_HUGETLB, S_IFREG } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { type FileStat, stripDeleted } from '../../../proc/index.js';
import { ownerInside } from '../../../views/users.js';
import { dumpShmem } from '../../shared-memory/dump.js';
import { hugeFlag } from '../../shared-memory/hugetlb.js';
import { inodesOf, isMemfd } from '../../shared-memory/inodes.js';
import type { FileDump } from '../kind.js';
import { readXattrs } from '../regular/xattrs.js';

const PREFIX = '/memfd:';

function shmidOf(ino: bigint): number {
  return Number(ino & 0xffffffffn);
}

/** The attributes that programs choose; labels and the like are those of the kernel. */
function xattrsOf(fd: number): Partial<Encodable<MemfdInodeEntry>> {
  const chosen = readXattrs(fd).filter(({ name }) => name.startsWith('user.'));
  if (chosen.length === 0) return {};
  return {
    xattr_names: chosen.map(({ name }) => name),
    xattr_values: chosen.map(({ value }) => Buffer.from(value)),
  };
}

/** Id of the inode; its entry and contents are added to the images on the first call. @param fd any descriptor of it */
function inodeId(ctx: DumpContext, fd: number, link: string, stat: FileStat): bigint {
  const { ids, shmids, huge } = inodesOf(ctx);
  const key = `${stat.dev}:${stat.ino}`;
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = BigInt(ids.size + 1);
  ids.set(key, id);
  const path = stripDeleted(link);
  let shmid = shmidOf(stat.ino);
  // Inodes of ordinary and of huge pages are numbered independently, so numbers may collide.
  while (shmids.has(shmid)) shmid = (shmid + 0x40000000) >>> 0;
  shmids.add(shmid);
  const hugePage = huge.get(stat.dev);
  const seals = sysRaw('fcntl', fd, F_GET_SEALS);
  dumpShmem(ctx, fd, shmid, stat.size, hugePage);
  ctx.images.add('MEMFD_INODE', {
    name: path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path,
    ...ownerInside(ctx, stat, `the file of memory ${path}`),
    size: stat.size,
    shmid,
    seals: seals < 0 ? F_SEAL_SEAL : seals,
    inode_id: id,
    ...(hugePage === undefined ? {} : { hugetlb_flag: MFD_HUGETLB | hugeFlag(hugePage) }),
    mode: Number(stat.mode),
    atim_ns: stat.atimeNs,
    mtim_ns: stat.mtimeNs,
    ...xattrsOf(fd),
  });
  return id;
}

export interface MemfdFile {
  readonly fd: number;
  readonly link: string;
  readonly stat: FileStat;
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

export const memfdDump: FileDump = {
  matches: (file, ctx) => file.mode === S_IFREG && isMemfd(ctx, file.stat),
  dump: (ctx, _task, file, id) => ({ memfd: memfdEntry(ctx, id, { ...file, fd: file.local }) }),
};
