// Mount namespaces: the root task creates the mounts of all namespaces, and each other task enters its own.
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { plannedMounts } from '../../../views/planned-mounts.js';
import type { NamespaceRestore } from '../kind.js';
import { buildMounts } from './build.js';
import { needsSetGroup } from './kernel.js';
import { planMounts } from './plan.js';

/** Has a task enter its mount namespace before it opens anything there. */
function enter(ctx: PlanContext, plan: TaskPlan): void {
  const mounts = plannedMounts(ctx);
  const tree = mounts.treeOf(plannedNamespaces(ctx).of(plan, 'mnt'));
  const slot = tree ? mounts.namespaceSlot(ctx, tree) : mounts.hostSlot(ctx);
  const fd = plan.tempFd();
  plan.take('files', slot, fd);
  const p = plan.program('files');
  p.syscall('setns', [fd, CLONE_NEW.mnt], { label: slot.name });
  p.syscall('close', [fd]);
}

export const mntRestore: NamespaceRestore = {
  plan(ctx, _first, namespace) {
    const namespaces = plannedNamespaces(ctx);
    const planned = plannedMounts(ctx);
    const { trees } = planned;
    // All namespaces are created at the first call.
    if (trees[0]?.namespace !== namespace) return;
    const ofRoot = namespaces.of(ctx.root, 'mnt');
    const home = planned.treeOf(ofRoot);
    ctx.root.ownNamespaces = true;
    ctx.prepare('see whether the kernel can make the mounts', () => needsSetGroup());
    if (home) ctx.root.birthFlags |= BigInt(CLONE_NEW.mnt);
    buildMounts(ctx, ctx.root, { home, planned, mounts: planMounts(ctx, trees) });
    for (const plan of ctx.tasks) if (namespaces.of(plan, 'mnt') !== ofRoot) enter(ctx, plan);
  },
};
