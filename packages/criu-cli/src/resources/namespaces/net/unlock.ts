// Unlocks an existing network namespace that the dump may have left locked, when all tasks exist.
import { closeSync, openSync } from '@criu/native/fs';
import { listTables, NetlinkError, NetlinkSocket } from '@criu/native/netlink';
import { NETLINK_NETFILTER, NFPROTO_UNSPEC } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { stateKey } from '../../../states.js';
import type { PlannedNamespace } from '../../../views/planned.js';
import { networkSlot } from '../../../views/planned-networks.js';
import { LockMethod, lockRunId, lockTables } from '../../files/inet/lock.js';
import { unlockByRules, unlockByTable } from '../../files/inet/network-lock.js';
import { hasLegacyPrograms, hasLegacyTables } from './rule-sets.js';

/** Whether there is any nftables table: iptables(8) would have one for its chain. */
function hasTables(socket: NetlinkSocket): boolean {
  try {
    return listTables(socket, NFPROTO_UNSPEC).length > 0;
  } catch (error) {
    if (error instanceof NetlinkError) return false;
    throw error;
  }
}

function unlock(ctx: PlanContext, netns: number): void {
  const { network_lock_method: method } = ctx.checkpoint.inventory;
  if (method === LockMethod.SKIP) return;
  using socket = NetlinkSocket.open(NETLINK_NETFILTER, netns);
  if (method === LockMethod.NFTABLES) {
    for (const table of lockTables(lockRunId(ctx.checkpoint))) unlockByTable(socket, table);
    return;
  }
  const path = `/proc/${process.pid}/fd/${netns}`;
  // Without a lock method in the images, the dump has locked nothing, or used iptables.
  const legacy = hasLegacyTables(path);
  if (hasTables(socket) || legacy) unlockByRules(path);
  // The legacy interface is separate, and listing its tables would create them.
  if (legacy && hasLegacyPrograms()) unlockByRules(path, '-legacy');
}

const planned = stateKey('network namespaces to unlock', (_: PlanContext) => new Set<PlannedNamespace>());

/** Plans the unlocking of a namespace that a task joins. */
export function planUnlock(ctx: PlanContext, namespace: PlannedNamespace): void {
  const known = ctx.states.get(planned);
  if (known.has(namespace)) return;
  known.add(namespace);
  const slot = networkSlot(ctx, namespace);
  let netns = -1;
  ctx.afterSpawn('keep the network namespace', () => {
    netns = openSync(`/proc/self/fd/${slot.value}`, 'r');
  });
  const close = () => {
    if (netns >= 0) closeSync(netns);
    netns = -1;
  };
  ctx.beforeGo('unlock the network namespace', () => {
    unlock(ctx, netns);
    close();
  });
  ctx.cleanup('leave the network namespace', close);
}
