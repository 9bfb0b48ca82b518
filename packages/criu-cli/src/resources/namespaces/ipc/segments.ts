// The System V shared memory segments of a checkpoint by id, and how tasks attach them.

import { PAGE_SIZE } from '@criu/images';
import { O_RDWR, PROT_EXEC, PROT_READ, PROT_WRITE, SHM_EXEC, SHM_RDONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { IpcShmEntry, VmaEntry, VmaTable } from '../../../images/types.js';
import { VMA } from '../../../images/vma.js';
import { namespaceId } from '../../../proc/namespaces.js';
import { stateKey } from '../../../states.js';
import { pageSizeOf } from '../../shared-memory/hugetlb.js';

/** Id of the image of the segments; undefined if the tasks are in the host's IPC namespace. */
function segmentsId(ctx: PlanContext): number | undefined {
  const { inventory, root } = ctx.checkpoint;
  const id = root.ids && namespaceId(root.ids, 'ipc');
  if (id === undefined || !inventory.root_ids || id === namespaceId(inventory.root_ids, 'ipc'))
    return undefined;
  return inventory.ns_per_id ? id : root.pid;
}

const byId = stateKey('System V segments', (ctx: PlanContext): ReadonlyMap<number, IpcShmEntry> => {
  const id = segmentsId(ctx);
  const items = id === undefined ? [] : ctx.checkpoint.images.optional('IPCNS_SHM', id);
  return new Map(items.map(({ entry }) => [entry.desc.id, entry]));
});

/** The segments by id. @throws CriuError */
export function segments(ctx: PlanContext): ReadonlyMap<number, IpcShmEntry> {
  return ctx.states.get(byId);
}

/** Size in bytes of an attached segment. */
export function attachedSize({ size, hugetlb_flag: huge }: IpcShmEntry): number {
  const page = huge ? pageSizeOf(huge) : PAGE_SIZE;
  return Math.ceil(Number(size) / page) * page;
}

/** Mappings from a single shmat(2), which shmdt(2) removes together. */
interface Attachment {
  readonly base: number;
  readonly segment: IpcShmEntry;
  readonly vmas: VmaEntry[];
}

function attachments(ctx: PlanContext, plan: TaskPlan, vmas: VmaTable): Attachment[] {
  const found = new Map<string, Attachment>();
  for (const vma of vmas.list(({ status }) => status & VMA.SYSVIPC)) {
    const segment = segments(ctx).get(Number(vma.shmid));
    const bad = (what: string) =>
      new CriuError('BAD_IMAGE', `the mapping at 0x${vma.start.toString(16)} is ${what}`, {
        pid: plan.pid,
        file: `mm-${plan.pid}.img`,
      });
    if (!segment) throw bad(`of System V shared memory ${vma.shmid}, which no image has`);
    if (vma.pgoff + (vma.end - vma.start) > BigInt(attachedSize(segment)) || vma.pgoff > vma.start)
      throw bad(`larger than System V shared memory ${vma.shmid}`);
    const base = Number(vma.start - vma.pgoff);
    const key = `${vma.shmid}:${base}`;
    const known = found.get(key);
    if (known) known.vmas.push(vma);
    else found.set(key, { base, segment, vmas: [vma] });
  }
  return [...found.values()];
}

/**
 * Attaches a task's segments. A segment is attached as a whole, before all other mappings, since these may have
 * replaced parts of it.
 */
export function attachSegments(ctx: PlanContext, plan: TaskPlan, vmas: VmaTable): void {
  for (const { base, segment, vmas: parts } of attachments(ctx, plan, vmas)) {
    const { id } = segment.desc;
    const p = plan.program('address-space');
    // Older images lack the flags of the file; the segment is then assumed to be writable.
    const writable = parts.some(({ fdflags }) => fdflags === undefined || fdflags === O_RDWR);
    const executable = parts.some(({ prot }) => prot & PROT_EXEC);
    const flags = (writable ? 0 : SHM_RDONLY) | (executable ? SHM_EXEC : 0);
    p.syscall('shmat', [id, base, flags], { expect: base, label: `System V shared memory ${id}` });
    let at = base;
    const drop = (end: number) => {
      if (end > at) p.syscall('munmap', [at, end - at], { label: `hole in System V shared memory ${id}` });
    };
    const whole = PROT_READ | (writable ? PROT_WRITE : 0) | (executable ? PROT_EXEC : 0);
    for (const { start, end, prot } of parts) {
      drop(Number(start));
      at = Number(end);
      if (prot !== whole) p.syscall('mprotect', [start, Number(end - start), prot]);
    }
    drop(base + attachedSize(segment));
  }
}
