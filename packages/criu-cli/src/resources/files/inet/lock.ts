// The packet filter that holds TCP connections between dump and restore: a table of nftables with the name that CRIU
// gives its own, or iptables rules for each connection.
import { SysError } from '@criu/native';
import { type Connection, NftLocker, SoccrError } from '@criu/soccr';
import type { Checkpoint } from '../../../images/checkpoint.js';
import type { Logger } from '../../../log.js';
import type { NetworkLock } from '../../../options.js';
import { type End, lockByRules, unlockByRules } from './iptables.js';

/** `network_lock_method` of the inventory. */
export const LockMethod = { IPTABLES: 0, NFTABLES: 1, SKIP: 2 } as const;

/** CRIU prints `inet CRIU-ID` into 32 bytes, the terminating NUL included, and passes that to nft(8). */
const NAME_BYTES = 31 - 'inet '.length;

/** The name of the table of a dump in the family inet, as CRIU 4.2 cuts it. */
export function lockTable(runId: string): string {
  return `CRIU-${runId}`.slice(0, NAME_BYTES);
}

/** The names that it may have: that one, and the one in full. */
export function lockTables(runId: string): string[] {
  return [...new Set([lockTable(runId), `CRIU-${runId}`])];
}

/** What names the table of the dump that a checkpoint is of: before CRIU gave runs ids, that was the pid of the root task. */
export function lockRunId({ inventory, root }: Checkpoint): string {
  return inventory.dump_criu_run_id ?? String(root.pid);
}

/** A TCP connection as locks name it. */
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

/** EPROTONOSUPPORT: no netlink of netfilter; EINVAL, EOPNOTSUPP: nftables is not part of it. */
const NO_NFTABLES: readonly (number | undefined)[] = [93, 22, 95];

/** Whether an error says that this kernel has no nftables. */
export function isMissing(error: unknown): boolean {
  return (error instanceof SoccrError || error instanceof SysError) && NO_NFTABLES.includes(error.errno);
}

/** The lock of one dump. */
export class DumpLock {
  private readonly locked: LockedConnection[] = [];
  private readonly table: string;
  /** As the inventory says it, once something is locked. */
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

  /** Whether there is something to unlock. */
  get holds(): boolean {
    return this.locked.length > 0;
  }

  /** Drops packets of a connection from now on. @throws SoccrError, CriuError */
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

  /** The datagram for the netlink of netfilter that lets all through; none where rules of iptables(8) hold them. */
  get releaseDatagram(): Uint8Array | undefined {
    return this.method === LockMethod.NFTABLES ? new NftLocker(this.table).clearDatagram() : undefined;
  }

  /** Lets the packets of all connections through. @throws SoccrError, CriuError */
  release(): void {
    const locked = this.locked.splice(0);
    if (locked.length === 0) return;
    if (this.method === LockMethod.NFTABLES) new NftLocker(this.table).clear();
    if (this.method === LockMethod.IPTABLES) byRules(locked, unlockByRules);
  }
}

/**
 * Lets packets of the connections of a checkpoint through again, whoever made it. A lock that is not there is no error.
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
