// Blocks a network namespace from the creation of its devices until all tasks exist, so that senders to sockets which
// do not exist yet get no error. Packet filters are loaded when sockets have been created: the segments that bring TCP
// connections into their state must pass, whatever the filters say.
import { NdType } from '@criu/images';
import { closeSync, openSync } from '@criu/native/fs';
import { NetlinkSocket } from '@criu/native/netlink';
import { NETLINK_NETFILTER } from '@criu/native/uapi';
import { isMissing, LockMethod, lockRunId, lockTable } from '../../files/inet/lock.js';
import { lockByTable, unlockByTable } from '../../files/inet/network-lock.js';
import { restoreConntrack } from './conntrack.js';
import { makeIpsec } from './ipsec.js';
import { makeMptcp } from './mptcp.js';
import type { Network } from './network.js';
import { restoreRuleSets } from './rule-sets.js';
import { keepAlive } from './wireguard.js';

export class Quiet {
  /** A descriptor of the namespace of our own; slots are closed before the tasks run. */
  readonly netns: number;
  private open = true;
  private locked: NetlinkSocket | undefined;
  private readonly table: string;

  constructor(private readonly network: Network) {
    this.netns = openSync(`/proc/self/fd/${network.slot.value}`, 'r');
    this.table = lockTable(lockRunId(network.ctx.checkpoint));
  }

  /** Blocks the namespace. @throws NetlinkError */
  begin(): void {
    const { ctx, devices } = this.network;
    const { inventory, files } = ctx.checkpoint;
    // Sockets within the namespace answer each other, too.
    const alone =
      devices.every(({ type }) => type === NdType.LOOPBACK) && ![...files.values()].some(({ isk }) => isk);
    if (alone || inventory.network_lock_method === LockMethod.SKIP) return;
    const socket = NetlinkSocket.open(NETLINK_NETFILTER, this.netns);
    try {
      lockByTable(socket, this.table);
      this.locked = socket;
    } catch (error) {
      socket.close();
      if (!isMissing(error)) throw error;
      ctx.log.debug('no nftables here: a network namespace is not locked while its sockets are made');
    }
  }

  /** Loads the filters and unblocks the namespace. @throws CriuError, NetlinkError */
  end(): void {
    const { network, netns } = this;
    const { ctx, id, empty } = network;
    if (!empty) {
      makeMptcp(netns, network.conf?.objects ?? []);
      makeIpsec(netns, network.conf?.objects ?? []);
      restoreRuleSets(ctx, id, netns);
      restoreConntrack(ctx, id, netns);
    }
    if (this.locked) unlockByTable(this.locked, this.table);
    if (!empty) keepAlive(netns, network.conf?.objects ?? []);
    this.close();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.locked?.close();
    closeSync(this.netns);
  }
}
