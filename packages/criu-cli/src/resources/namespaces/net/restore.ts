// Network namespaces: the first task is created in a new one, which is filled before it creates children, unless other
// namespaces are needed for that.
import type { PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { stateKey } from '../../../states.js';
import { type PlannedNamespace, plannedNamespaces } from '../../../views/planned.js';
import { makeNetwork, networkSlot } from '../../../views/planned-networks.js';
import { inheritedSlot, missingInherited } from '../../files/inherit.js';
import type { NamespaceRestore } from '../kind.js';
import { Filling } from './fill.js';
import { emptyNetwork, type Network, readNetwork } from './network.js';
import { planUnlock } from './unlock.js';

const filling = stateKey('network namespaces to be filled', (ctx: PlanContext) => new Filling(ctx));

function describe({ devices, addresses, routes, rules, empty, loopback }: Network): string {
  if (empty) return `network: what was set up before is left as it is${loopback ? ', and lo goes up' : ''}`;
  const names = devices.map(({ name }) => name).join(', ');
  return `network: devices ${names}; ${addresses.length} addresses, ${routes.length} routes, ${rules.length} rules`;
}

/** Adds the step of `maker` that fills the namespace; if it is connected to others, the last of these fills all. */
function fill(ctx: PlanContext, maker: TaskPlan, { id, number }: PlannedNamespace, slot: Slot): void {
  const all = ctx.states.get(filling);
  // The caller is told of the root task's namespace only, and fills it; its sockets must be created before others learn of it.
  const own = plannedNamespaces(ctx).of(ctx.root, 'net')?.number === number;
  const empty = own && ctx.options.emptyNamespaces?.includes('net');
  const network = empty ? emptyNetwork(ctx, id, number, slot) : readNetwork(ctx, id, number, slot);
  all.add(network);
  maker.meanwhile('namespaces', { title: describe(network), needs: [slot] }, () => all.reached(network));
}

export const netRestore: NamespaceRestore = {
  plan(ctx, first, namespace) {
    const { id } = namespace;
    const [conf] = ctx.checkpoint.images.optional('NETNS', id).map(({ entry }) => entry);
    if (conf?.ext_key !== undefined) {
      const slot =
        inheritedSlot(ctx, conf.ext_key) ?? missingInherited(ctx, conf.ext_key, 'the network namespace');
      const fd = first.tempFd();
      first.take('namespaces', slot, fd);
      first
        .program('namespaces')
        .syscall('setns', [fd, CLONE_NEW.net], { label: `network namespace ${conf.ext_key}` });
      planUnlock(ctx, namespace);
      return;
    }
    if (first !== ctx.root && plannedNamespaces(ctx).bound.has(namespace.number)) {
      // The root task has mounts that show it, and creates these before it has children.
      const slot = makeNetwork(ctx, ctx.root, namespace);
      fill(ctx, ctx.root, namespace, slot);
      const fd = first.tempFd();
      first.take('namespaces', slot, fd);
      first
        .program('namespaces')
        .syscall('setns', [fd, CLONE_NEW.net], { label: `enter net namespace ${namespace.number}` });
      return;
    }
    if (first === ctx.root) first.birthFlags |= BigInt(CLONE_NEW.net);
    else
      first.program('namespaces').syscall('unshare', [CLONE_NEW.net], { label: `network namespace ${id}` });
    fill(ctx, first, namespace, networkSlot(ctx, namespace));
  },

  planJoined: planUnlock,

  planEmpty(ctx, namespace) {
    fill(ctx, ctx.root, namespace, makeNetwork(ctx, ctx.root, namespace));
  },
};
