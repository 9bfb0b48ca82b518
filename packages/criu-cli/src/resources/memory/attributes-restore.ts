// Restores attributes of mappings: protection, advice, names, guard regions, locks and seals, in the order that the
// kernel requires.
import { Mark } from '@criu/compel';
import { sysRaw } from '@criu/native';
import {
  MADV_GUARD_INSTALL,
  MAP_LOCKED,
  MLOCK_ONFAULT,
  PR_SET_VMA,
  PR_SET_VMA_ANON_NAME,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { VmaAttributes, VmaEntry, VmaTable } from '../../images/types.js';
import { hex, VMA, vmaSize } from '../../images/vma.js';
import { openProtection } from './map-flags.js';
import { setPolicy } from './policies.js';

/** prctl(2) with a length of zero: it only reports whether it supports the operation. */
const NAME_NOTHING: readonly number[] = [PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0, 0, 0];

/** Mappings created by the kernel, whose attributes it has set. */
const KERNEL = VMA.VDSO | VMA.VVAR | VMA.VSYSCALL;

/** Whether a mapping has something that it does not have from mmap(2). */
function hasMore({ status, flags, madv, mempolicy_mode, anon_name, sealed }: VmaAttributes): boolean {
  if (status & KERNEL) return false;
  return Boolean(
    status & VMA.GUARD ||
      flags & MAP_LOCKED ||
      madv ||
      sealed ||
      mempolicy_mode !== undefined ||
      anon_name !== undefined,
  );
}

/**
 * Plans the attributes of a task's mappings, with guard regions.
 * @param planned those to be planned, by their places in `vmas`
 * @param written for each place in `vmas` whether contents are read into the mapping
 */
export function restoreAttributes(
  ctx: PlanContext,
  plan: TaskPlan,
  vmas: VmaTable,
  planned: readonly number[],
  written: Uint8Array,
): void {
  // A task may have ten thousands of mappings, few of them with more than a protection: one pass finds these.
  const named: VmaEntry[] = [];
  const guards: VmaEntry[] = [];
  const locked: VmaEntry[] = [];
  const sealed: VmaEntry[] = [];
  const more = vmas.attributes.map(hasMore);
  const { indexes } = vmas;
  for (let i = 0; i < planned.length; i++) {
    const at = planned[i] ?? 0;
    const attributes = vmas.of(at);
    const protects =
      written[at] === 1 &&
      !(attributes.status & KERNEL) &&
      openProtection(attributes, true) !== attributes.prot;
    if (!protects && !more[indexes[at] ?? 0]) continue;
    const vma = vmas.get(at);
    if (vma.status & VMA.GUARD) {
      guards.push(vma);
      continue;
    }
    if (protects || vma.madv) settle(plan, vma, protects);
    if (vma.mempolicy_mode !== undefined) setPolicy(ctx, plan, vma);
    if (vma.anon_name !== undefined) named.push(vma);
    if (vma.flags & MAP_LOCKED) locked.push(vma);
    if (vma.sealed) sealed.push(vma);
  }
  name(ctx, plan, named);
  for (const guard of guards)
    plan.program('protect').syscall('madvise', [guard.start, vmaSize(guard), MADV_GUARD_INSTALL], {
      label: `guard ${hex(guard.start)}`,
    });
  // Locked memory takes no new guard regions.
  for (const vma of locked) lock(plan, vma);
  // From here on they refuse everything else.
  for (const vma of sealed)
    plan.program('process').syscall('mseal', [vma.start, vmaSize(vma), 0], {
      label: `seal ${hex(vma.start)}, which needs Linux 6.10`,
    });
}

function settle(plan: TaskPlan, vma: VmaEntry, protects: boolean): void {
  const { start, prot } = vma;
  const p = plan.program('protect');
  if (protects) p.syscall('mprotect', [start, vmaSize(vma), prot], { label: () => `protect ${hex(start)}` });
  for (let bit = 0, rest = vma.madv ?? 0n; rest !== 0n; bit++, rest >>= 1n) {
    if ((rest & 1n) === 0n) continue;
    p.syscall('madvise', [start, vmaSize(vma), bit], { label: () => `advice ${bit} for ${hex(start)}` });
  }
}

/** Names of anonymous mappings are only shown in /proc, so a kernel without them is no error. */
function name(ctx: PlanContext, plan: TaskPlan, named: readonly VmaEntry[]): void {
  if (named.length === 0) return;
  ctx.prepare('look for names of mappings', () => {
    if (sysRaw('prctl', ...NAME_NOTHING) < 0)
      ctx.log.warn(
        `task ${plan.pid}: the names of ${named.length} mappings are lost: this kernel has none (CONFIG_ANON_VMA_NAME)`,
      );
  });
  const p = plan.program('protect');
  const none = new Mark();
  p.syscall('prctl', NAME_NOTHING, { orGoTo: none, label: 'whether the kernel has names of mappings' });
  for (const { start, end, anon_name = '' } of named)
    p.syscall('prctl', [PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, end - start, p.cstring(anon_name)], {
      label: `name ${hex(start)} ${anon_name}`,
    });
  p.here(none);
}

/**
 * mlock2() locks, and fails without permission. mlock() also populates the pages, and fails for mappings that cannot
 * have pages (guard regions, no access, beyond the end of a file), as it did in the dumped task.
 */
function lock(plan: TaskPlan, vma: VmaEntry): void {
  const { start } = vma;
  const p = plan.program('protect');
  p.syscall('mlock2', [start, vmaSize(vma), MLOCK_ONFAULT], { label: `lock ${hex(start)}` });
  if (!vma.lock_on_fault)
    p.syscall('mlock', [start, vmaSize(vma)], { expect: 'any', label: `lock the pages of ${hex(start)}` });
}
