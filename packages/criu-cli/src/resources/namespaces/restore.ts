// Restores the namespaces of a tree: tasks create new ones where the dumper's were different.
import type { PlanContext } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { plannedNamespaces } from '../../views/planned.js';
import { enterNamespaces } from './enter.js';
import { joinNamespaces } from './join.js';
import { namespaceKinds } from './kinds.js';

export const namespacesRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const { all } = plannedNamespaces(ctx);
    const { root } = ctx.checkpoint;
    for (const namespace of all) {
      const { kind: name, host, members } = namespace;
      const kind = namespaceKinds.find((k) => k.name === name);
      const [first] = members;
      const about = { pid: first?.pid ?? root.pid, file: `ids-${first?.pid ?? root.pid}.img` };
      if (first && first.pid !== root.pid && !kind?.several)
        throw new CriuError(
          'UNSUPPORTED',
          `it is in another ${name} namespace than the root task ${root.pid}`,
          about,
        );
      if (!host && !kind)
        throw new CriuError('UNSUPPORTED', `a ${name} namespace cannot be restored yet`, about);
    }
    const joined = joinNamespaces(ctx);
    for (const kind of namespaceKinds) {
      for (const namespace of all) {
        if (namespace.kind !== kind.name) continue;
        const [first] = namespace.members;
        if (!first) {
          if (!namespace.host) kind.restore.planEmpty?.(ctx, namespace);
          continue;
        }
        if (first === ctx.root && joined.has(kind.name)) {
          kind.restore.planJoined?.(ctx, namespace);
          continue;
        }
        if (namespace.host) kind.planHosts?.(ctx, first);
        else {
          first.ownNamespaces = true;
          kind.restore.plan(ctx, first, namespace);
        }
      }
    }
    enterNamespaces(ctx);
  },
};
