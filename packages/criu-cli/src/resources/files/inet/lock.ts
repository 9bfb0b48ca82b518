// The packet filter that blocks TCP connections between dump and restore: an nftables table with the same name as
// CRIU's, or iptables rules for each connection.
import { SysError } from '@criu/native';
import { type Connection, NftLocker, SoccrError } from '@criu/soccr';
import type { Checkpoint } from '../../../images/checkpoint.js';
import type { Logger } from '../../../log.js';
import type { NetworkLock } from '../../../options.js';
import { type End, lockByRules, unlockByRules } from './iptables.js';

/** Values of `network_lock_method` in the inventory. */
export const LockMethod = { IPTABLES: 0, NFTABLES: 1, SKIP: 2 } as const;

/** CRIU prints `inet CRIU-ID` into a buffer of 32 bytes, including the NUL, and passes it to nft(8). */
const NAME_BYTES = 31 - 'inet '.length;

/** Name of a dump's table in the family inet, truncated as by CRIU 4.2. */
export function lockTable(runId: string): string {
  return `CRIU-${runId}`.slice(0, NAME_BYTES);
}

/** The possible names of the table: truncated, and in full. */
export function lockTables(runId: string): string[] {
  return [...new Set([lockTable(runId), `CRIU-${runId}`])];
}

/** The id in the name of a checkpoint's table; in CRIU before run ids, the pid of the root task. */
export function lockRunId({ inventory, root }: Checkpoint): string {
  return inventory.dump_criu_run_id ?? String(root.pid);
}

/** A TCP connection in locks. */
export interface LockedConnection {
  readonly local: End;
  readonly remote: End;
}

const unmapped = ({ address, port }: End): End => ({
  address: address.replace(/^::ffff:(?=\d+\.)/i, ''),
  port,
});

function byRules(connections: readonly LockedConnection[], apply: (own: End, peer: End) => unknown): void {
  for (const { local, remote } of connections) apply(unmapped(local), unmapped(remote));
}

/** EPROTONOSUPPORT: no netfilter netlink; EINVAL, EOPNOTSUPP: no nftables. */
const NO_NFTABLES: readonly (number | undefined)[] = [93, 22, 95];

/** Whether the error means that this kernel has no nftables. */
export function isMissing(error: unknown): boolean {
  return (error instanceof SoccrError || error instanceof SysError) && NO_NFTABLES.includes(error.errno);
}

/** The lock of one dump. */
export class DumpLock {
  private readonly locked: LockedConnection[] = [];
  private readonly table: string;
  /** Value of `network_lock_method`, once something is locked. */
  method: number;

  constructor(
    runId: string,
    private readonly choice: NetworkLock | undefined,
  ) {
    this.table = lockTable(runId);
    this.method = { nftables: LockMethod.NFTABLES, iptables: LockMethod.IPTABLES, skip: LockMethod.SKIP }[
      choice ?? 'nftables'
    ];
  }

  /** Whether there is anything to unlock. */
  get holds(): boolean {
    return this.locked.length > 0;
  }

  /** Blocks the packets of a connection from now on. @throws SoccrError, CriuError */
  hold(connection: Connection): void {
    if (this.method === LockMethod.NFTABLES) {
      try {
        new NftLocker(this.table).lock([connection]);
      } catch (error) {
        if (!isMissing(error) || this.choice || this.locked.length > 0) throw error;
        this.method = LockMethod.IPTABLES;
      }
    }
    if (this.method === LockMethod.IPTABLES) byRules([connection], lockByRules);
    this.locked.push(connection);
  }

  /** The netfilter netlink message that removes the table; undefined for iptables rules. */
  get releaseDatagram(): Uint8Array | undefined {
    return this.method === LockMethod.NFTABLES ? new NftLocker(this.table).clearDatagram() : undefined;
  }

  /** Unblocks the packets of all connections. @throws SoccrError, CriuError */
  release(): void {
    const locked = this.locked.splice(0);
    if (locked.length === 0) return;
    if (this.method === LockMethod.NFTABLES) new NftLocker(this.table).clear();
    if (this.method === LockMethod.IPTABLES) byRules(locked, unlockByRules);
  }
}

/**
 * Unblocks the connections of a checkpoint, whoever has made it. A missing lock is no error.
 * @throws SoccrError, CriuError
 */
export function unlock(
  method: number,
  runId: string,
  connections: readonly LockedConnection[],
  log: Logger,
): void {
  if (method === LockMethod.NFTABLES) for (const name of lockTables(runId)) new NftLocker(name).clear();
  if (method !== LockMethod.IPTABLES) return;
  byRules(connections, (own, peer) => {
    if (!unlockByRules(own, peer))
      log.warn(`no iptables here to unlock ${own.address} port ${own.port}, if it is locked here at all`);
  });
}
