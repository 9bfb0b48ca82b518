// Restores the address space: mappings, pages, protections and advice, and the layout recorded in mm_struct.
import { Program } from '@criu/compel';
import {
  MAP_ANONYMOUS,
  MAP_FIXED_NOREPLACE,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  O_RDONLY,
  PR_SET_MM,
  PR_SET_MM_MAP,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  prctl_mm_map,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan, TaskRun } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { asCriuError, CriuError } from '../../errors.js';
import type { VmaAttributes, VmaEntry, VmaTable } from '../../images/types.js';
import { PAGE_SIZE } from '../../images/types.js';
import { hex, VMA, vmaSize } from '../../images/vma.js';
import { cutRange, union, without } from '../../pages/ranges.js';
import { LARGE, readIntoMemory } from '../../pages/sinks/task-memory.js';
import type { StoredRuns } from '../../pages/sources/stored.js';
import { memfdInode } from '../files/memfd/restore.js';
import { type FileNumbers, fileNumbers } from '../files/numbers.js';
import { openRegular } from '../files/regular/restore.js';
import { attachSegments } from '../namespaces/ipc/segments.js';
import { pagesFd } from '../shared-memory/fill.js';
import { hugeBytes, isHuge, needHugePages, pageSizeOf } from '../shared-memory/hugetlb.js';
import { shmemFd } from '../shared-memory/shmem.js';
import { restoreAioRings } from './aio-restore.js';
import { restoreAttributes } from './attributes-restore.js';
import { hugeFill } from './huge-fill.js';
import { inheritedPages, waitingMemory } from './inherit.js';
import { partPages } from './lazy-restore.js';
import { KERNEL, mapAll, UNMAPPED } from './map-all.js';
import { fileFlags } from './map-flags.js';
import { restoreMmSwitches } from './switches.js';
import { kernelParts, parkVdso, placeVdso } from './vdso-restore.js';

const TASK_SIZE = 0x7ffffffff000;

export const memoryRestore: RestorePart = {
  needs: [{ of: 'files', why: 'a mapping of an open file is made through a descriptor that the task has' }],
  plan(ctx: PlanContext): void {
    if (ctx.checkpoint.inventory.allow_uprobes && !ctx.options.allowUprobes && !ctx.onPaper)
      ctx.refusals.add(
        new CriuError(
          'UNSUPPORTED',
          'probes were set in the code of tasks when they were dumped (uprobes)',
          {},
          'give --allow-uprobes if the same ones are set now: a task that comes upon one that is not gets SIGTRAP',
        ),
      );
    for (const plan of ctx.tasks) {
      const { mm } = plan.task;
      if (!mm) continue;
      const { vmas } = mm;
      check(plan, vmas);
      const fds = backings(ctx, plan, vmas);
      const exe = plan.tempFd();
      const exeFile = ctx.checkpoint.regular(mm.exe_file_id, `the executable of task ${plan.pid}`);
      openRegular(ctx, plan, exeFile, exe, O_RDONLY);
      const { now: ranges, planLater } = partPages(ctx, plan);
      checkRanges(plan, vmas, ranges);
      // The kernel provides the pages of the vDSO; those in the images serve only for a comparison.
      const kernel = vmas.list(({ status }) => status & KERNEL);
      const wanted = ranges.without(kernel);
      for (const file of wanted.files) pagesFd(ctx, plan, file);
      plan.step('address-space', {
        title: 'clear the address space',
        does: [
          `the agent moves to ${hex(plan.place.base)}`,
          'mremap() of the vDSO that the kernel made',
          'munmap() of all else, but memory that it shares with the task that made it',
        ],
        program: (run) => clear(ctx, run),
        ahead: true,
      });
      const planned = ctx.onPaper ? withoutRepeats(vmas) : vmas.where(() => true);
      const written = ranges.touched(vmas, planned);
      attachSegments(ctx, plan, vmas);
      mapAll(ctx, plan, { vmas, planned, written, fds });
      moveInherited(ctx, plan);
      if (ctx.pages.readable) readPages(ctx, plan, wanted.without(inheritedPages(ctx, plan)));
      planLater();
      for (const vma of vmas.list(({ flags }) => isHuge(flags))) countHuge(ctx, vma, ranges);
      restoreAioRings(ctx, plan, mm.aios, vmas);
      restoreAttributes(ctx, plan, vmas, planned, written);
      describe(ctx, plan, exe);
    }
  },
};

/** The rings of a packet socket can only be mapped through its descriptor. */
function socket(files: FileNumbers, plan: TaskPlan, vma: VmaEntry): number {
  const id = Number(vma.shmid);
  if (files.has(plan, id)) return files.temp(plan, id);
  throw new CriuError(
    'BAD_IMAGE',
    `the mapping at ${hex(vma.start)} is of socket ${id}, which the task does not have`,
    { pid: plan.pid, file: `mm-${plan.pid}.img` },
  );
}

/** Mappings that may need a descriptor. */
const BACKED = VMA.SOCKET | VMA.ANON_SHARED | VMA.FILE_PRIVATE | VMA.FILE_SHARED | VMA.MEMFD;

/** Private anonymous memory without attributes, of which a task may have ten thousands of pieces. */
function isPlain({ status, flags, madv, anon_name, mempolicy_mode, sealed }: VmaAttributes): boolean {
  return (
    status === (VMA.REGULAR | VMA.ANON_PRIVATE) &&
    flags === (MAP_PRIVATE | MAP_ANONYMOUS) &&
    !madv &&
    anon_name === undefined &&
    mempolicy_mode === undefined &&
    !sealed
  );
}

/** All mappings but plain ones after the first: the steps for all plain ones are the same, and none is refused. */
function withoutRepeats(vmas: VmaTable): number[] {
  const [first] = vmas.where(isPlain);
  const others = vmas.where((vma) => !isPlain(vma));
  if (first === undefined) return others;
  const before = others.findIndex((at) => at > first);
  return others.toSpliced(before < 0 ? others.length : before, 0, first);
}

/** Descriptors of those mappings that need one. */
function backings(ctx: PlanContext, plan: TaskPlan, vmas: VmaTable): Map<number, number> {
  const fds = new Map<number, number>();
  const opened = new Map<string, number>();
  for (const at of vmas.where(({ status }) => status & BACKED && !(status & VMA.EXT_PLUGIN))) {
    const fd = backing(ctx, plan, vmas.get(at), opened);
    if (fd !== undefined) fds.set(at, fd);
  }
  return fds;
}

/** The descriptor for a mapping; undefined if it needs none. */
function backing(
  ctx: PlanContext,
  plan: TaskPlan,
  vma: VmaEntry,
  opened: Map<string, number>,
): number | undefined {
  const files = ctx.states.get(fileNumbers);
  if (vma.status & VMA.SOCKET) return socket(files, plan, vma);
  if (vma.status & (UNMAPPED | VMA.SYSVIPC | VMA.AIORING)) return undefined;
  if (vma.status & VMA.ANON_SHARED) return shmemFd(ctx, plan, vma);
  if (!(vma.status & (VMA.FILE_PRIVATE | VMA.FILE_SHARED | VMA.MEMFD))) return undefined;
  const id = Number(vma.shmid);
  if (files.has(plan, id)) return files.temp(plan, id);
  const entry = ctx.checkpoint.file(id, `the mapping at ${hex(vma.start)} of task ${plan.pid}`);
  if (entry.memfd) return memfdInode(ctx, plan, entry.memfd.inode_id).fd;
  if (!entry.reg) {
    throw new CriuError(
      'UNSUPPORTED',
      `the mapping at ${hex(vma.start)} is of a file that is not a regular one`,
      {
        pid: plan.pid,
      },
    );
  }
  const flags = fileFlags(vma);
  const key = `${id}:${flags}`;
  let fd = opened.get(key);
  if (fd === undefined) {
    fd = plan.tempFd();
    openRegular(ctx, plan, entry.reg, fd, flags);
    opened.set(key, fd);
  }
  return fd;
}

const UNKEPT = VMA.SHSTK | VMA.UPROBES;
/** Bits of an address within its page. */
const IN_PAGE = PAGE_SIZE - 1;
/** End of the page of vsyscalls. */
const LAST_PAGE = 0xffffffffff601000;

/** Checks that the addresses of mappings are possible, ascend and do not overlap. @throws CriuError */
function check(plan: TaskPlan, vmas: VmaTable): void {
  const { starts, ends, indexes, attributes } = vmas;
  const bad = (at: number, what: string) =>
    new CriuError('BAD_IMAGE', `the mapping ${hex(starts[at] ?? 0)}-${hex(ends[at] ?? 0)} ${what}`, {
      pid: plan.pid,
      file: `mm-${plan.pid}.img`,
    });
  const limits = attributes.map(({ status }) => (status & VMA.VSYSCALL ? LAST_PAGE : TASK_SIZE));
  const guards = attributes.map(({ status }) => (status & VMA.GUARD) !== 0);
  let last = 0;
  for (let at = 0; at < starts.length; at++) {
    const start = starts[at] ?? 0;
    const end = ends[at] ?? 0;
    const index = indexes[at] ?? 0;
    if (start >= end || end > (limits[index] ?? 0) || start & IN_PAGE || end & IN_PAGE)
      throw bad(at, 'is not possible');
    if (guards[index]) continue;
    if (start < last) throw bad(at, 'begins before the last one ends');
    last = end;
  }
  const [unkept] = vmas.list(({ status }) => status & UNKEPT);
  if (!unkept) return;
  throw new CriuError(
    'UNSUPPORTED',
    `mapping ${hex(unkept.start)} is of ${unkept.status & VMA.SHSTK ? 'a shadow stack' : 'uprobes'}, which cannot be restored yet`,
    { pid: plan.pid },
  );
}

function readPages(ctx: PlanContext, plan: TaskPlan, ranges: StoredRuns): void {
  const { mm } = plan.task;
  const { bytes } = ranges;
  const few = bytes < LARGE;
  readIntoMemory(
    {
      program: () => plan.program('memory'),
      fdOf: (file) => pagesFd(ctx, plan, file),
      anonymous: few ? [] : mm.vmas.list((v) => v.status & VMA.ANON_PRIVATE),
      ...(few ? {} : { huge: hugeFill(ctx, mm, bytes) }),
    },
    ranges,
  );
}

/**
 * Checks that every page lies in a mapping that takes contents, as images are not trusted.
 * @throws CriuError BAD_IMAGE
 */
function checkRanges(plan: TaskPlan, vmas: VmaTable, ranges: StoredRuns): void {
  const takes = vmas.where(({ status }) => !(status & (VMA.VSYSCALL | VMA.GUARD)));
  const gap = ranges.firstOutside(vmas, takes);
  if (gap !== undefined)
    throw new CriuError('BAD_IMAGE', `page ${hex(gap)} is in no mapping`, {
      pid: plan.pid,
      file: `pagemap-${plan.pid}.img`,
    });
}

/** Counts private huge pages: they are reserved by mmap(2), or with MAP_NORESERVE allocated one by one. */
function countHuge(ctx: PlanContext, vma: VmaEntry, ranges: StoredRuns): void {
  if (!(vma.flags & MAP_PRIVATE)) return;
  if (!(vma.flags & MAP_NORESERVE)) {
    needHugePages(ctx, vma.flags, vmaSize(vma));
    return;
  }
  needHugePages(ctx, vma.flags, hugeBytes(ranges.within(vma).list, pageSizeOf(vma.flags)));
}

/** Moves the mappings of the kernel aside and unmaps everything but the agent. */
function clear(ctx: PlanContext, { plan, agent, chain, answers }: TaskRun): Program {
  const p = new Program('clear the address space');
  const { base, size: length, parking, slices } = plan.place;
  // The agent moves before it receives the program.
  answers.push(
    agent.relocate(BigInt(base), chain).catch((error: unknown) => {
      throw asCriuError(error, 'cannot restore the task: move the agent', { pid: plan.pid });
    }),
  );
  if (plan.task.threads.length > 1) {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    p.syscall('mmap', [slices, parking - slices, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0], {
      expect: slices,
      label: 'slices of the threads',
    });
  }
  const { parts, code } = kernelParts(ctx, agent.pid);
  const parked = parkVdso(p, parts, parking, base + length);
  const stay = union([
    { start: BigInt(base), end: BigInt(base + length) },
    ...waitingMemory(ctx, plan).map(({ at, start, end }) => ({ start: at, end: at + (end - start) })),
  ]);
  for (const { start, end } of without([{ start: 0n, end: BigInt(TASK_SIZE) }], stay, cutRange))
    p.syscall('munmap', [start, end - start]);
  placeVdso(p, plan, parked, code, ctx.pages);
  return p;
}

/** Moves memory into place that the task has inherited from its parent, or has created for its children. */
function moveInherited(ctx: PlanContext, plan: TaskPlan): void {
  for (const { start, end, at } of waitingMemory(ctx, plan))
    plan
      .program('address-space')
      .syscall('mremap', [at, end - start, end - start, MREMAP_MAYMOVE | MREMAP_FIXED, start], {
        expect: start,
        label: `inherited: ${hex(start)}-${hex(end)}`,
      });
}

/** Sets the pointers of mm_struct, which /proc/PID/{exe,cmdline,environ,auxv} and brk(2) use. */
function describe(ctx: PlanContext, plan: TaskPlan, exe: number): void {
  const { mm } = plan.task;
  const bytes = Buffer.alloc(prctl_mm_map.sizeof);
  const put = (field: keyof typeof prctl_mm_map, value: bigint) =>
    bytes.writeBigUInt64LE(value, prctl_mm_map[field]);
  put('start_code', mm.mm_start_code);
  put('end_code', mm.mm_end_code);
  put('start_data', mm.mm_start_data);
  put('end_data', mm.mm_end_data);
  put('start_brk', mm.mm_start_brk);
  put('brk', mm.mm_brk);
  put('start_stack', mm.mm_start_stack);
  put('arg_start', mm.mm_arg_start);
  put('arg_end', mm.mm_arg_end);
  put('env_start', mm.mm_env_start);
  put('env_end', mm.mm_env_end);
  const auxv = mm.mm_saved_auxv;
  bytes.writeUInt32LE(auxv.length * 8, prctl_mm_map.auxv_size);
  bytes.writeInt32LE(exe, prctl_mm_map.exe_fd);
  const p = plan.program('process');
  const map_ = p.data(bytes);
  if (auxv.length) p.poke(p.at(map_, prctl_mm_map.auxv), p.u64(...auxv), 8);
  p.syscall('prctl', [PR_SET_MM, PR_SET_MM_MAP, map_, prctl_mm_map.sizeof, 0], {
    label: 'program, brk and argument addresses',
  });
  restoreMmSwitches(ctx, plan);
}
