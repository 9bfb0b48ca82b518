// The namespaces of a tree: where the dumper's were others than the root's, the root makes new ones.

import type { PlanContext } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { NAMESPACES, namespaceId } from '../../proc/namespaces.js';
import { namespaceKinds } from './kinds.js';

export const namespacesRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const { inventory, root } = ctx.checkpoint;
    const { root: plan } = ctx;
    const host = inventory.root_ids;
    const { ids } = root;
    const makers = new Map(namespaceKinds.map((kind) => [kind.name, kind]));
    if (!host) return;
    for (const name of NAMESPACES) {
      const id = namespaceId(ids, name);
      for (const { task } of ctx.tasks)
        if (task.ids && namespaceId(task.ids, name) !== id)
          throw new CriuError(
            'UNSUPPORTED',
            `it is in another ${name} namespace than the root task ${root.pid}`,
            { pid: task.pid, file: `ids-${task.pid}.img` },
          );
      if (id === undefined || id === namespaceId(host, name)) continue;
      if (!makers.has(name))
        throw new CriuError('UNSUPPORTED', `a ${name} namespace cannot be restored yet`, {
          pid: root.pid,
          file: `ids-${root.pid}.img`,
        });
    }
    for (const kind of namespaceKinds) {
      const id = namespaceId(ids, kind.name);
      if (id === undefined || id === namespaceId(host, kind.name)) kind.restore.planHosts?.(ctx, plan);
      else {
        plan.ownNamespaces = true;
        kind.restore.plan(ctx, plan, inventory.ns_per_id ? id : root.pid);
      }
    }
  },
};
