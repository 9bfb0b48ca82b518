// Maps the memory of a task: what is anonymous by columns, as there may be ten thousands of mappings.
import { MAP_ANONYMOUS, MAP_PRIVATE } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { VmaAttributes, VmaTable } from '../../images/types.js';
import { hex, VMA } from '../../images/vma.js';
import { mapFlags, openProtection } from './map-flags.js';
import { mapDevice } from './plugin-mapping.js';

/** Mappings created by the kernel, which are only moved. */
export const KERNEL: number = VMA.VDSO | VMA.VVAR | VMA.VSYSCALL;
/** Entries that are not mapped: those of the kernel, and guard regions, which lie inside other mappings. */
export const UNMAPPED: number = KERNEL | VMA.GUARD;

interface Mapped {
  readonly vmas: VmaTable;
  /** The mappings to be planned, by their places in `vmas`. */
  readonly planned: readonly number[];
  /** For each place in `vmas` whether contents are read into the mapping, so that it has to be writable. */
  readonly written: Uint8Array;
  /** Descriptors of those that have one. */
  readonly fds: ReadonlyMap<number, number>;
}

/** Maps everything but what is not mapped, or attached. */
export function mapAll(ctx: PlanContext, plan: TaskPlan, mapped: Mapped): void {
  const { vmas, planned, fds } = mapped;
  const { attributes, indexes } = vmas;
  const made = attributes.map(({ status }) => !(status & (UNMAPPED | VMA.SYSVIPC)));
  const alone = attributes.map(({ status }) => (status & VMA.EXT_PLUGIN) !== 0);
  let rows: number[] = [];
  const flush = () => {
    mapAnonymous(plan, mapped, rows);
    rows = [];
  };
  for (let i = 0; i < planned.length; i++) {
    const at = planned[i] ?? 0;
    const index = indexes[at] ?? 0;
    if (alone[index]) {
      flush();
      mapDevice(ctx, plan, vmas.get(at));
      continue;
    }
    if (!made[index]) continue;
    const fd = fds.get(at);
    if (fd === undefined) {
      rows.push(at);
      continue;
    }
    flush();
    mapFile(plan, mapped, at, fd);
  }
  flush();
}

/** Flags of mmap(2) for a mapping. Contents of an AIO ring are read into anonymous memory, which the ring replaces. */
function flagsOf({ status, flags }: VmaAttributes, fd: number | undefined): number {
  if (status & VMA.AIORING) return mapFlags(MAP_PRIVATE | MAP_ANONYMOUS, false);
  return mapFlags(flags, (status & (VMA.ANON_SHARED | VMA.MEMFD)) !== 0 || fd !== undefined);
}

function mapFile(plan: TaskPlan, { vmas, written }: Mapped, at: number, fd: number): void {
  const start = vmas.start(at);
  const vma = vmas.of(at);
  const protection = openProtection(vma, written[at] === 1);
  plan
    .program('address-space')
    .syscall('mmap', [start, vmas.end(at) - start, protection, flagsOf(vma, fd), fd, vma.pgoff], {
      expect: start,
      label: () => `map ${hex(start)}-${hex(vmas.end(at))}`,
    });
}

/** Maps memory without a file. @param rows places in `vmas` */
function mapAnonymous(plan: TaskPlan, { vmas, written }: Mapped, rows: readonly number[]): void {
  const { starts, ends, indexes } = vmas;
  const flagsBy = vmas.attributes.map((vma) => flagsOf(vma, undefined));
  const emptyBy = vmas.attributes.map((vma) => openProtection(vma, false));
  const writtenBy = vmas.attributes.map((vma) => openProtection(vma, true));
  const count = rows.length;
  const [start, size] = [new Float64Array(count), new Float64Array(count)];
  const [protection, flags] = [new Int32Array(count), new Int32Array(count)];
  for (let row = 0; row < count; row++) {
    const at = rows[row] ?? 0;
    const index = indexes[at] ?? 0;
    start[row] = starts[at] ?? 0;
    size[row] = (ends[at] ?? 0) - (starts[at] ?? 0);
    protection[row] = (written[at] === 1 ? writtenBy : emptyBy)[index] ?? 0;
    flags[row] = flagsBy[index] ?? 0;
  }
  const label = (row: number) => `map ${hex(start[row] ?? 0)}-${hex((start[row] ?? 0) + (size[row] ?? 0))}`;
  plan.rows('address-space', 'mmap', count, {
    args: [start, size, protection, flags, -1, 0],
    expect: start,
    label,
  });
}
