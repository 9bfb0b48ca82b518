// Shared memory objects without a name: each is created once and mapped by all its users.
import { PAGE_SIZE } from '@criu/images';
import { addon, cstring, SYS, SysError, sys } from '@criu/native';
import { openSync } from '@criu/native/fs';
import {
  MAP_ANONYMOUS,
  MAP_NORESERVE,
  MAP_SHARED,
  MFD_CLOEXEC,
  MFD_HUGETLB,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { VmaEntry } from '../../images/types.js';
import { VMA } from '../../images/vma.js';
import { readIntoFile } from '../../pages/sinks/task-memory.js';
import { stateKey } from '../../states.js';
import { pagesFd } from './fill.js';
import { readIntoHugeFile } from './huge-file.js';
import { hugeFlag, isHuge, pageSizeOf } from './hugetlb.js';

interface Shmem {
  readonly slot: Slot;
  filled: boolean;
  readonly fds: Map<TaskPlan, number>;
}

const objects = stateKey('shared memory', (_: PlanContext): Map<bigint, Shmem> => new Map());

/**
 * Creates shared anonymous memory and returns a descriptor of it. The kernel gives none, but /proc/self/map_files can
 * open a mapping's file.
 */
function create(size: number): number {
  const address = addon().sysBig(
    SYS.mmap,
    0,
    size,
    PROT_READ | PROT_WRITE,
    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
    -1,
    0,
  );
  if (address < 0n && address > -4096n)
    throw new SysError('mmap', Number(-address), `${size} bytes of shared memory`);
  try {
    const range = `${address.toString(16)}-${(address + BigInt(size)).toString(16)}`;
    return openSync(`/proc/self/map_files/${range}`, 'r+');
  } finally {
    addon().sys(SYS.munmap, address, size);
  }
}

function sizeOf(ctx: PlanContext, shmid: bigint): number {
  let size = 0;
  for (const { task } of ctx.tasks) {
    const parts = task.mm?.vmas.list(
      (vma) => vma.status & VMA.ANON_SHARED && !(vma.status & VMA.SYSVIPC) && vma.shmid === shmid,
    );
    for (const { pgoff, start, end } of parts ?? [])
      size = Math.max(size, Number(pgoff) + Number(end - start));
  }
  return size;
}

/** The same with huge pages: such memory is the same as a memfd. */
function createHuge(size: number, hugePage: number): number {
  const fd = sys('memfd_create', cstring(''), MFD_CLOEXEC | MFD_HUGETLB | hugeFlag(hugePage));
  sys('ftruncate', fd, size);
  return fd;
}

/** Descriptor number of a shared memory object in a task; the first task to ask restores the contents. */
export function shmemFd(ctx: PlanContext, plan: TaskPlan, { shmid, flags }: VmaEntry): number {
  const all = ctx.states.get(objects);
  const hugePage = isHuge(flags) ? pageSizeOf(flags) : undefined;
  let object = all.get(shmid);
  if (!object) {
    const size = sizeOf(ctx, shmid);
    const make = () => (hugePage ? createHuge(size, hugePage) : create(size));
    object = { slot: ctx.openSlot(`shmem ${shmid}`, make), filled: false, fds: new Map() };
    all.set(shmid, object);
  }
  let fd = object.fds.get(plan);
  if (fd === undefined) {
    fd = plan.tempFd();
    plan.take('files', object.slot, fd);
    object.fds.set(plan, fd);
    if (!object.filled) {
      object.filled = true;
      fillShmem(ctx, plan, { shmid, size: BigInt(sizeOf(ctx, shmid)) }, fd, hugePage);
    }
  }
  return fd;
}

/**
 * Adds steps that write the pages of a shared memory object, named or not, to its file.
 * @param hugePage size of its pages in bytes, if they are huge
 * @throws CriuError for pages that are outside of the object
 */
export function fillShmem(
  ctx: PlanContext,
  plan: TaskPlan,
  { shmid, size }: { readonly shmid: bigint; readonly size: bigint },
  fd: number,
  hugePage?: number,
): void {
  const ranges = ctx.pages.ranges({ shmid });
  const unit = hugePage ?? PAGE_SIZE;
  const room = Math.ceil(Number(size) / unit) * unit;
  for (const { start, end } of ranges)
    if (end > room)
      throw new CriuError('BAD_IMAGE', `page 0x${start.toString(16)} is beyond the ${size} bytes of it`, {
        file: `pagemap-shmem-${shmid}.img`,
      });
  if (!ctx.pages.readable) return;
  const fdOf = (file: string) => pagesFd(ctx, plan, file);
  // Descriptors have to be received before the step that uses them.
  for (const file of ranges.files) fdOf(file);
  if (hugePage) readIntoHugeFile(plan, ranges, fd, hugePage, fdOf);
  else readIntoFile({ program: () => plan.program('files'), fdOf }, ranges, fd);
}
