// Tasks in a namespace that their parent is not in and that another task creates: they enter it right after their
// creation.

import { openSync } from '@criu/native/fs';
import { AT_FDCWD, O_RDONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { Slot } from '../../engine/plan.js';
import { CLONE_NEW } from '../../proc/namespaces.js';
import { type PlannedNamespace, plannedNamespaces } from '../../views/planned.js';
import { networkSlot } from '../../views/planned-networks.js';
import { moveTo } from '../files/common.js';
import { makesHostClocks } from './time/restore.js';

/** The slot for the descriptor of a namespace: the caller's, or from the task that creates it. */
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

/** Adds the steps to enter namespaces; the steps that create them were added before. */
export function enterNamespaces(ctx: PlanContext): void {
  const all = plannedNamespaces(ctx);
  for (const instance of all.all) {
    // For tasks of the host's time namespace, another task creates a namespace in which the clocks continue from the
    // dump.
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
