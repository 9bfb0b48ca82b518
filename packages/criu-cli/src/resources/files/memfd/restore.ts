// memfd_create(2): name, contents and seals; each description is opened through /proc.
import { PAGE_SIZE } from '@criu/images';
import {
  AT_FDCWD,
  F_ADD_SEALS,
  F_SEAL_SEAL,
  F_SEAL_WRITE,
  F_SETFL,
  FASYNC,
  MAP_NORESERVE,
  MAP_SHARED,
  MFD_ALLOW_SEALING,
  MFD_HUGETLB,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_RDWR,
  O_TRUNC,
  timespec,
} from '@criu/native/uapi';
import { type PlanContext, Slot, type TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { MemfdInodeEntry } from '../../../images/types.js';
import { VMA } from '../../../images/vma.js';
import { splitSeconds } from '../../../nanoseconds.js';
import { stateKey } from '../../../states.js';
import { hugeBytes, needHugePages, pageSizeOf } from '../../shared-memory/hugetlb.js';
import { fillShmem } from '../../shared-memory/shmem.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import { inheritedSlot } from '../inherit.js';
import type { FileRestore } from '../kind.js';

function inodeOf(ctx: PlanContext, inodeId: number): MemfdInodeEntry {
  const found = ctx.checkpoint.images
    .optional('MEMFD_INODE')
    .find(({ entry }) => Number(entry.inode_id) === inodeId);
  if (!found) throw new CriuError('BAD_IMAGE', `memfd ${inodeId} is not there`, { file: 'memfd.img' });
  return found.entry;
}

interface Made {
  readonly inode: MemfdInodeEntry;
  readonly slot: Slot;
  readonly fds: Map<TaskPlan, number>;
}

const made = stateKey('memfds', (_: PlanContext): Map<number, Made> => new Map());

/**
 * Descriptor number, open for reading and writing, of a memfd's inode in a task. The first task to ask creates it, and
 * others receive it; they have it from the phase `share` on.
 */
export function memfdInode(
  ctx: PlanContext,
  plan: TaskPlan,
  inodeId: number,
): { fd: number; inode: MemfdInodeEntry } {
  const all = ctx.states.get(made);
  const known = all.get(inodeId);
  if (!known) {
    const inode = inodeOf(ctx, inodeId);
    const fd = plan.tempFd();
    const given = inheritedSlot(ctx, inheritKey(inode));
    const slot = given ?? new Slot(`memfd ${inode.name}`);
    if (given) plan.take('files', given, fd);
    else {
      make(ctx, plan, inode, fd);
      plan.give('files', fd, slot);
    }
    all.set(inodeId, { inode, slot, fds: new Map([[plan, fd]]) });
    return { fd, inode };
  }
  let fd = known.fds.get(plan);
  if (fd === undefined) {
    fd = plan.tempFd();
    plan.take('share', known.slot, fd);
    known.fds.set(plan, fd);
  }
  return { fd, inode: known.inode };
}

/** The key for `--inherit-fd`. An inherited memfd keeps its contents and size. */
function inheritKey(inode: MemfdInodeEntry): string {
  return `/memfd:${inode.name}`;
}

/** Whether a task has a mapping of it that reserves all its huge pages. */
function reserves(ctx: PlanContext, { inode_id }: MemfdInodeEntry): boolean {
  return ctx.tasks.some(({ task }) =>
    task.mm?.vmas.some(
      ({ status, flags, shmid }) =>
        status & VMA.MEMFD &&
        flags & MAP_SHARED &&
        !(flags & MAP_NORESERVE) &&
        ctx.checkpoint.files.get(Number(shmid))?.memfd?.inode_id === Number(inode_id),
    ),
  );
}

/** Times and extended attributes, when nothing is written to it any more. CRIU's images have none of them. */
function attributes(plan: TaskPlan, inode: MemfdInodeEntry, fd: number): void {
  const p = plan.program('files');
  const { atim_ns: atime, mtim_ns: mtime, xattr_names: names, xattr_values: values } = inode;
  for (const [i, name] of names.entries()) {
    const value = values[i];
    if (!value)
      throw new CriuError('BAD_IMAGE', `memfd ${inode.name} has no value for its attribute ${name}`, {
        file: 'memfd.img',
      });
    p.syscall('fsetxattr', [fd, p.cstring(name), p.data(value), value.length, 0], {
      label: `attribute ${name} of memfd ${inode.name}`,
    });
  }
  if (atime === undefined || mtime === undefined) return;
  const times = Buffer.alloc(2 * timespec.sizeof);
  for (const [i, ns] of [atime, mtime].entries()) {
    const { sec, nsec } = splitSeconds(ns);
    times.writeBigInt64LE(sec, i * timespec.sizeof + timespec.tv_sec);
    times.writeBigInt64LE(nsec, i * timespec.sizeof + timespec.tv_nsec);
  }
  p.syscall('utimensat', [fd, null, p.data(times), 0], { label: `times of memfd ${inode.name}` });
}

function make(ctx: PlanContext, plan: TaskPlan, inode: MemfdInodeEntry, to: number): void {
  const huge = inode.hugetlb_flag ? MFD_HUGETLB | inode.hugetlb_flag : 0;
  // F_SEAL_SEAL alone is the state of a memfd without MFD_ALLOW_SEALING.
  const sealing = inode.seals === F_SEAL_SEAL ? 0 : MFD_ALLOW_SEALING;
  const p = plan.program('files');
  const fd = p.syscall('memfd_create', [p.cstring(inode.name), sealing | huge], {
    label: `memfd ${inode.name}`,
  });
  moveTo(p, fd, to);
  p.syscall('fchown', [to, inode.uid, inode.gid]);
  if (inode.mode !== undefined) p.syscall('fchmod', [to, inode.mode & 0o7777]);
  p.syscall('ftruncate', [to, inode.size], { label: `size of memfd ${inode.name}` });
  const hugePage = huge ? pageSizeOf(huge) : undefined;
  if (hugePage) {
    const kept = hugeBytes(ctx.pages.ranges({ shmid: inode.shmid }).list, hugePage);
    needHugePages(ctx, huge, reserves(ctx, inode) ? Number(inode.size) : kept);
  }
  fillShmem(ctx, plan, { shmid: BigInt(inode.shmid), size: inode.size }, to, hugePage);
  // Whole pages are written, so the file may have become longer than it was.
  if (!hugePage && inode.size % BigInt(PAGE_SIZE))
    p.syscall('ftruncate', [to, inode.size], { label: `end of memfd ${inode.name}` });
  attributes(plan, inode, to);
  if (!sealing || !inode.seals) return;
  const label = `seals of memfd ${inode.name}`;
  if (inode.seals & F_SEAL_WRITE) {
    // A file sealed against writing has no writable mappings. Shared writable ones from before the seal would prevent
    // it, so the seal is set before tasks map the file.
    p.syscall('fcntl', [to, F_ADD_SEALS, inode.seals], { label });
    return;
  }
  ctx.waitAfter('protect', 'a sealed memfd takes no new writable mapping, so all tasks map it first');
  plan.program('place').syscall('fcntl', [to, F_ADD_SEALS, inode.seals], { label });
}

export const memfdRestore: FileRestore<'memfd'> = {
  group: (entry) => String(entry.memfd.inode_id),
  make({ ctx, plan, temp }, entries) {
    const { fd: hold, inode } = memfdInode(ctx, plan, entries[0].memfd.inode_id);
    const given = inheritedSlot(ctx, inheritKey(inode)) !== undefined;
    let original = true;
    for (const entry of entries) {
      const { id, flags, pos, fown } = entry.memfd;
      const p = plan.program('files');
      if (given) {
        p.syscall('dup3', [hold, temp(id), O_CLOEXEC], { label: `inherited memfd ${inode.name}` });
      } else if (original && (flags & O_ACCMODE) === O_RDWR) {
        // The descriptor of memfd_create(2) itself is used: a description opened for writing would keep the file from
        // being executed.
        p.syscall('dup3', [hold, temp(id), O_CLOEXEC]);
        p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
        original = false;
      } else {
        const fd = p.syscall(
          'openat',
          [AT_FDCWD, p.cstring(`/proc/self/fd/${hold}`), flags & ~(O_CREAT | O_EXCL | O_TRUNC | FASYNC)],
          { label: `open memfd ${inode.name}` },
        );
        moveTo(p, fd, temp(id));
      }
      if (given) continue;
      if (pos) p.syscall('lseek', [temp(id), pos, 0]);
      setOwner(p, temp(id), fown);
    }
  },
};
