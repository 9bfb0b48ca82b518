// Mount namespaces: the root task makes the mounts of all of them, and each other task enters its own.
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { plannedMounts } from '../../../views/planned-mounts.js';
import type { NamespaceRestore } from '../kind.js';
import { buildMounts } from './build.js';
import { needsSetGroup } from './kernel.js';
import { planMounts } from './plan.js';

/** Has a task go where it belongs, before it opens anything there. */
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
    // All of them are made when the first one is met.
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
