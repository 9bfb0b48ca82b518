// Memory that parent and child share copy-on-write: pages that are equal in both are read once, by the parent, before
// the child is created. They wait in slots, mappings at addresses that no task uses, and are moved into place with all
// others.

import { Program } from '@criu/compel';
import { PAGE } from '@criu/images';
import {
  MADV_DONTNEED,
  MAP_DROPPABLE,
  MAP_GROWSDOWN,
  MAP_SHARED,
  O_RDONLY,
  PROT_EXEC,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { birthsOf } from '../../engine/spawn.js';
import type { VmaAttributes, VmaEntry } from '../../images/types.js';
import { hex, VMA } from '../../images/vma.js';
import {
  byStart,
  common,
  cutRange,
  indexFrom,
  pairs,
  pieces,
  type Range,
  sizeOf,
  touches,
  union,
  within,
  without,
} from '../../pages/ranges.js';
import { readIntoMemory } from '../../pages/sinks/task-memory.js';
import { Contents, SMALL } from '../../pages/sources/contents.js';
import { OpenFiles } from '../../pages/sources/open-files.js';
import { cutStored, type StoredRange, StoredRuns } from '../../pages/sources/stored.js';
import { stateKey } from '../../states.js';
import { remapsOf } from '../files/regular/remaps.js';
import { openRegular } from '../files/regular/restore.js';
import { openPages } from '../shared-memory/fill.js';
import { isHuge } from '../shared-memory/hugetlb.js';
import { mapFlags, openProtection } from './map-flags.js';

/** Number of bytes compared at a time. */
const CHUNK = 1 << 20;
/** Lowest address for slots: between the usual places of programs and libraries. */
const LOWEST = 1n << 40n;

/** Memory of a task that waits at address `at`. */
export interface Waiting extends Range {
  readonly at: bigint;
}

interface Slot extends Waiting {
  readonly vma: VmaEntry;
  /** This task creates the slot; its descendants inherit it. */
  readonly own: boolean;
}

class Family {
  slots: Slot[] = [];
  /** Pages that are in place before the task's memory is filled. */
  pages: Range[] = [];
  /** Ranges of `pages` that the task reads itself. */
  read: readonly Range[] = [];
  /** Pages that the task inherits but does not have. */
  drop: readonly Range[] = [];
}

const families = stateKey('memory that is inherited', (ctx: PlanContext) => plan(ctx));

/** The slots of a task, with their final addresses. */
export function waitingMemory(ctx: PlanContext, task: TaskPlan): readonly Waiting[] {
  return ctx.states.get(families).get(task)?.slots ?? [];
}

/** Pages that a task has inherited, so that they need not be read. */
export function inheritedPages(ctx: PlanContext, task: TaskPlan): readonly Range[] {
  return ctx.states.get(families).get(task)?.pages ?? [];
}

/** Whether a mapping may share pages with one of another task. */
function canShare({ status, flags }: VmaAttributes): boolean {
  const no = VMA.AIORING | VMA.SOCKET | VMA.MEMFD | VMA.VDSO | VMA.VVAR | VMA.VSYSCALL | VMA.GUARD;
  return (
    (status & (VMA.ANON_PRIVATE | VMA.FILE_PRIVATE)) !== 0 &&
    !(status & no) &&
    !(flags & (MAP_GROWSDOWN | MAP_SHARED | MAP_DROPPABLE)) &&
    !isHuge(flags)
  );
}

function sameKind(ctx: PlanContext, a: VmaEntry, b: VmaEntry): boolean {
  const kinds = VMA.ANON_PRIVATE | VMA.FILE_PRIVATE;
  // Whether code may be executed is decided when memory is mapped.
  if (a.flags !== b.flags || (a.status ^ b.status) & kinds || (a.prot ^ b.prot) & PROT_EXEC) return false;
  if (a.status & VMA.ANON_PRIVATE) return true;
  return a.pgoff - a.start === b.pgoff - b.start && sameFile(ctx, Number(a.shmid), Number(b.shmid));
}

/** Whether two entries refer to the same file that is opened by path; other files do not exist before the tasks. */
function sameFile(ctx: PlanContext, a: number, b: number): boolean {
  const [mine, theirs] = [a, b].map((id) => ctx.checkpoint.files.get(id)?.reg);
  const remaps = remapsOf(ctx);
  if (!mine || !theirs || remaps.has(a) || remaps.has(b)) return false;
  return a === b || (mine.name === theirs.name && mine.mnt_id === theirs.mnt_id && mine.size === theirs.size);
}

/** The ranges in which two memories have equal pages. */
function samePages(a: Contents, b: Contents, where: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const range of where)
    for (const { start, end } of pieces(range, CHUNK, cutRange)) {
      const bytes = Number(end - start);
      const mine = a.read(start, bytes);
      const theirs = b.read(start, bytes);
      if (!mine || !theirs) continue;
      if (mine.equals(theirs)) {
        out.push({ start, end });
        continue;
      }
      for (let at = 0; at < bytes; at += Number(PAGE)) {
        const first = start + BigInt(at);
        const behind = at + Number(PAGE);
        if (mine.compare(theirs, at, behind, at, behind) === 0) out.push({ start: first, end: first + PAGE });
      }
    }
  return union(out);
}

/** Addresses that no task uses, ascending. */
class Hole {
  private at = LOWEST;
  private readonly used: readonly Range[];

  constructor(tasks: readonly TaskPlan[]) {
    this.used = union(
      tasks.flatMap(({ task, place }) => [
        ...(task.mm?.vmas.list() ?? []),
        { start: BigInt(place.base), end: BigInt(place.base + place.size) },
      ]),
    );
  }

  take(bytes: number): bigint {
    for (const { start, end } of this.used) {
      if (end <= this.at) continue;
      if (start >= this.at + BigInt(bytes)) break;
      this.at = end + PAGE;
    }
    const start = this.at;
    // A gap of a page keeps the kernel from merging neighbours into one mapping.
    this.at += BigInt(bytes) + PAGE;
    return start;
  }
}

function plan(ctx: PlanContext): Map<TaskPlan, Family> {
  const all = new Map<TaskPlan, Family>();
  const { pages, options } = ctx;
  if (ctx.tasks.length < 2 || !pages.readable || options.lazy || options.lazyPages) return all;
  using files = new OpenFiles();
  const hole = new Hole(ctx.tasks);
  const births = birthsOf(ctx);
  // Reused for all children, one after the other.
  const room = Buffer.allocUnsafe(SMALL);
  const memoryOf = (task: TaskPlan, into?: Buffer): Memory => ({
    ranges: pages.ranges({ pid: task.pid }).list,
    vmas: task.task.mm.vmas.list(canShare),
    contents: new Contents(pages, { pid: task.pid }, files, into),
  });
  const familyOf = (task: TaskPlan) => {
    let family = all.get(task);
    if (!family) {
      family = new Family();
      all.set(task, family);
    }
    return family;
  };
  const visit = (parent: TaskPlan): void => {
    const { early, late, orphaned } = births.get(parent.pid) ?? { early: [], late: [], orphaned: new Map() };
    const mine = memoryOf(parent);
    const children = [...early, ...late, ...[...orphaned.values()].flat()].flatMap(({ pid }) => {
      const child = ctx.taskOf(pid);
      return child?.task.mm && parent.task.mm
        ? [{ child, shared: sharedOf(ctx, mine, memoryOf(child, room)) }]
        : [];
    });
    const wanted = union(children.flatMap(({ shared }) => shared.flatMap(({ same }) => same)));
    if (wanted.length > 0) extend(familyOf(parent), parent, wanted, hole);
    for (const { child, shared } of children) {
      const family = all.get(parent);
      if (family) inherit(family, child, shared, familyOf);
      visit(child);
    }
  };
  visit(ctx.root);
  for (const [task, family] of all) prepare(ctx, task, family);
  return all;
}

interface SharedRange extends Range {
  readonly vma: VmaEntry;
  readonly same: readonly Range[];
}

/** The memory of a task that may be shared. */
interface Memory {
  readonly ranges: readonly StoredRange[];
  readonly vmas: readonly VmaEntry[];
  readonly contents: Contents;
}

/** Parts of mappings that a task and its creator both have, with the ranges of equal pages. */
function sharedOf(ctx: PlanContext, parent: Memory, child: Memory): SharedRange[] {
  // Compressed pages would have to be decompressed twice, which costs more than it saves.
  if (parent.contents.packed || child.contents.packed) return [];
  const both = common(parent.ranges, child.ranges, cutStored);
  return pairs(child.vmas, parent.vmas).flatMap(({ range: vma, other, start, end }) => {
    if (!sameKind(ctx, vma, other)) return [];
    const same = samePages(parent.contents, child.contents, union(within(both, { start, end }, cutRange)));
    return same.length > 0 ? [{ start, end, vma, same }] : [];
  });
}

/** Adds slots for memory that the children of a task need, besides the slots that the task inherits itself. */
function extend(family: Family, { task }: TaskPlan, wanted: readonly Range[], hole: Hole): void {
  const more = task.mm.vmas
    .list(canShare)
    .filter((vma) => touches(wanted, vma) && !touches(family.slots, vma));
  const own = more.map((vma): Slot => {
    const { start, end } = vma;
    return { start, end, at: hole.take(sizeOf(vma)), vma, own: true };
  });
  family.slots = [...family.slots, ...own].sort(byStart);
  const held = common(wanted, family.slots, cutRange);
  family.read = without(held, family.pages, cutRange);
  family.pages = union([...family.pages, ...held]);
}

function inherit(
  mine: Family,
  child: TaskPlan,
  shared: readonly SharedRange[],
  familyOf: (task: TaskPlan) => Family,
): void {
  const slots = pairs(mine.slots, shared).map(({ range, other, start, end }): Slot => {
    return { start, end, at: range.at + (start - range.start), vma: other.vma, own: false };
  });
  const same = union(shared.flatMap((part) => part.same));
  const pages = common(common(mine.pages, slots, cutRange), same, cutRange);
  if (pages.length === 0) return;
  const family = familyOf(child);
  family.slots = slots.filter((slot) => touches(pages, slot));
  family.pages = union(pages);
  family.drop = without(common(mine.pages, family.slots, cutRange), family.pages, cutRange);
}

/** The steps of a task before it creates children. */
function prepare(ctx: PlanContext, task: TaskPlan, { slots, read, drop }: Family): void {
  const phase = 'namespaces';
  const moved = (range: Range) => {
    const slot = slots[indexFrom(slots, range.start)];
    return slot ? slot.at - slot.start : 0n;
  };
  const files = new Map<bigint, number>();
  for (const { vma, own, at, start } of slots) {
    if (!own) continue;
    const file = vma.status & VMA.FILE_PRIVATE ? fileOf(ctx, task, vma, files) : undefined;
    task
      .program(phase)
      .syscall(
        'mmap',
        [
          at,
          sizeOf(vma),
          openProtection(vma, true),
          mapFlags(vma.flags, file !== undefined),
          file ?? -1,
          file === undefined ? 0 : vma.pgoff,
        ],
        { expect: at, label: `memory that children share, for ${hex(start)}` },
      );
  }
  for (const range of drop)
    task.program(phase).syscall('madvise', [range.start + moved(range), sizeOf(range), MADV_DONTNEED], {
      label: `not inherited: ${hex(range.start)}`,
    });
  const stored = common(ctx.pages.ranges({ pid: task.pid }).list, read, cutStored).map((range) => {
    const by = moved(range);
    return { ...range, start: range.start + by, end: range.end + by };
  });
  const opened = new Map<string, number>();
  for (const { file } of stored) {
    if (opened.has(file)) continue;
    const fd = task.tempFd();
    task.take(phase, openPages(ctx, file), fd);
    opened.set(file, fd);
  }
  readIntoMemory(
    { program: () => task.program(phase), fdOf: (file) => opened.get(file) ?? -1, anonymous: [] },
    StoredRuns.of(stored.sort(byStart)),
  );
  // A separate step: opened files are checked when the step that opens them has ended.
  const last = new Program('memory that children share');
  for (const fd of [...opened.values(), ...files.values()]) last.syscall('close', [fd]);
  if (last.length > 0) task.step(phase, { title: last.title, program: last });
}

function fileOf(
  ctx: PlanContext,
  task: TaskPlan,
  { shmid, start }: VmaEntry,
  files: Map<bigint, number>,
): number {
  let fd = files.get(shmid);
  if (fd === undefined) {
    fd = task.tempFd();
    const { reg } = ctx.checkpoint.file(Number(shmid), `the mapping at ${hex(start)} of task ${task.pid}`);
    if (reg) openRegular(ctx, task, reg, fd, O_RDONLY, 'namespaces');
    files.set(shmid, fd);
  }
  return fd;
}
