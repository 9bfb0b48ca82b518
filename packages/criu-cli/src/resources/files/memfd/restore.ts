// memfd_create(2): name, content, seals; every open of it again through /proc.
import { FdTypes, type MemfdInodeEntry } from '../../../engine/image-types.js';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { fillShmem } from '../../memory/shmem.js';
import { AT_FDCWD, FASYNC, moveTo, O_CREAT, O_EXCL, O_TRUNC, setOwner } from '../common.js';
import type { FileKindRestore } from '../restore.js';

const F_ADD_SEALS = 1033;
const MFD_ALLOW_SEALING = 2;
const MFD_HUGETLB = 4;

function inodeOf(ctx: PlanContext, inodeId: number): MemfdInodeEntry {
  const found = ctx.checkpoint
    .optional('MEMFD_INODE', 'memfd.img')
    .find(({ entry }) => Number(entry.inode_id) === inodeId);
  if (!found) throw new CriuError('BAD_IMAGE', `memfd ${inodeId} is not there`, { file: 'memfd.img' });
  return found.entry;
}

/** Adds the steps that make the inode and leave it open read-write at `to`, unsealed. */
export function makeMemfd(ctx: PlanContext, plan: TaskPlan, inodeId: number, to: number): MemfdInodeEntry {
  const inode = inodeOf(ctx, inodeId);
  const huge = inode.hugetlb_flag ? MFD_HUGETLB | inode.hugetlb_flag : 0;
  const p = plan.program('files');
  // F_SEAL_SEAL alone is what a memfd without MFD_ALLOW_SEALING has.
  const fd = p.syscall('memfd_create', [p.cstring(inode.name), MFD_ALLOW_SEALING | huge], {
    label: `memfd ${inode.name}`,
  });
  moveTo(p, fd, to);
  p.syscall('fchown', [to, inode.uid, inode.gid]);
  if (inode.mode !== undefined) p.syscall('fchmod', [to, inode.mode & 0o7777]);
  p.syscall('ftruncate', [to, inode.size], { label: `size of memfd ${inode.name}` });
  fillShmem(ctx, plan, BigInt(inode.shmid), to);
  return inode;
}

export const memfdRestore: FileKindRestore = {
  name: 'memfd',
  type: FdTypes.MEMFD,
  group: (entry) => String(entry.memfd!.inode_id),
  make({ ctx, plan, temp }, entries) {
    const hold = plan.tempFd();
    const inode = makeMemfd(ctx, plan, entries[0]!.memfd!.inode_id, hold);
    for (const entry of entries) {
      const { id, flags, pos, fown } = entry.memfd!;
      const p = plan.program('files');
      const fd = p.syscall(
        'openat',
        [AT_FDCWD, p.cstring(`/proc/self/fd/${hold}`), flags & ~(O_CREAT | O_EXCL | O_TRUNC | FASYNC)],
        { label: `open memfd ${inode.name}` },
      );
      moveTo(p, fd, temp(id));
      if (pos) p.syscall('lseek', [temp(id), pos, 0]);
      setOwner(p, temp(id), fown);
    }
    if (inode.seals) {
      // A sealed memfd takes no new writable mapping, so this waits until all are mapped.
      const p = plan.program('place');
      p.syscall('fcntl', [hold, F_ADD_SEALS, inode.seals], { label: `seals of memfd ${inode.name}` });
    }
  },
};
