// Tasks that are in a namespace which their parent is not in, and which another task makes: they enter it when they are born.

import { openSync } from '@criu/native/fs';
import { AT_FDCWD, O_RDONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { Slot } from '../../engine/plan.js';
import { CLONE_NEW } from '../../proc/namespaces.js';
import { type PlannedNamespace, plannedNamespaces } from '../../views/planned.js';
import { networkSlot } from '../../views/planned-networks.js';
import { moveTo } from '../files/common.js';
import { makesHostClocks } from './time/restore.js';

/** A descriptor of the namespace: of the caller's own, or from the task that makes it, once it has made it. */
function namespaceSlot(ctx: PlanContext, namespace: PlannedNamespace): Slot | undefined {
  const {
    kind,
    number,
    host,
    members: [first],
  } = namespace;
  if (kind === 'net') return networkSlot(ctx, namespace);
  const name = `${kind} namespace ${number}`;
  if (host) return ctx.openSlot(name, () => openSync(`/proc/thread-self/ns/${kind}`, 'r'));
  if (!first) return undefined;
  const slot = new Slot(name);
  const fd = first.tempFd();
  const p = first.program('namespaces');
  const path = `/proc/thread-self/ns/${kind}`;
  moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring(path), O_RDONLY], { label: path }), fd);
  first.give('namespaces', fd, slot);
  return slot;
}

/** Adds the steps; the makers of the namespaces have theirs already. */
export function enterNamespaces(ctx: PlanContext): void {
  const all = plannedNamespaces(ctx);
  for (const instance of all.all) {
    // Clocks of the host's go on from what they said, and so somebody makes a namespace for them.
    const host = instance.host && !(instance.kind === 'time' && makesHostClocks(ctx));
    const namespace = { ...instance, host };
    const { kind, members } = namespace;
    let slot: Slot | undefined;
    const isBornInto = (plan: TaskPlan): boolean => {
      const parent = ctx.taskOf(plan.task.ppid);
      return parent ? all.of(parent, kind) === instance : host;
    };
    for (const [i, plan] of members.entries()) {
      if ((i === 0 && !host) || isBornInto(plan)) continue;
      slot ??= namespaceSlot(ctx, namespace);
      if (!slot) continue;
      const fd = plan.tempFd();
      plan.take('namespaces', slot, fd);
      plan
        .program('namespaces')
        .syscall('setns', [fd, CLONE_NEW[kind]], { label: `enter ${kind} namespace ${namespace.number}` });
    }
  }
}
