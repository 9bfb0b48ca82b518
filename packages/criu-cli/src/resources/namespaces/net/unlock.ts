// A network namespace that was there before the restore may still be locked by the dump: it is unlocked when all tasks are there.
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

/** Whether there is any table: iptables(8) would have one for its chain. */
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
  // Images that do not say how it was locked are of a dump that locked nothing, or did it by iptables.
  const legacy = hasLegacyTables(path);
  if (hasTables(socket) || legacy) unlockByRules(path);
  // The older interface is another one, and to look there makes its tables.
  if (legacy && hasLegacyPrograms()) unlockByRules(path, '-legacy');
}

const planned = stateKey('network namespaces to unlock', (_: PlanContext) => new Set<PlannedNamespace>());

/** Plans it for the namespace of a task that enters it. */
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
