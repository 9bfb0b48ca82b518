// Selects the lock by the caller's choice.
import { SoccrError } from './errors.js';
import { IptablesLocker } from './iptables.js';
import { type Connection, DEFAULT_TABLE, type Locker, noLock } from './lock.js';
import { NftLocker } from './nft.js';

export type LockChoice = 'auto' | 'nftables' | 'iptables' | 'none' | Locker;

/** nftables, or iptables if the kernel has no nftables. */
class AutoLocker implements Locker {
  private readonly nft: NftLocker;
  private readonly iptables: IptablesLocker;
  constructor(table: string) {
    this.nft = new NftLocker(table);
    this.iptables = new IptablesLocker(table);
  }

  private run<T>(action: (locker: NftLocker | IptablesLocker) => T): T {
    try {
      return action(this.nft);
    } catch (error) {
      // EPROTONOSUPPORT: the kernel has no netlink of netfilter. EINVAL, EOPNOTSUPP: it has no nftables.
      const errno = error instanceof SoccrError ? error.errno : undefined;
      if (errno !== 93 && errno !== 22 && errno !== 95) throw error;
      return action(this.iptables);
    }
  }

  lock(connections: readonly Connection[], netns?: number): void {
    this.run((locker) => locker.lock(connections, netns));
  }
  unlock(connections: readonly Connection[], netns?: number): void {
    this.run((locker) => locker.unlock(connections, netns));
  }
  tidy(netns?: number): void {
    this.run((locker) => locker.tidy(netns));
  }
}

/** The locker for a choice. `table` is the name for {@link clearLocks}. */
export function chooseLocker(choice: LockChoice = 'auto', table: string = DEFAULT_TABLE): Locker {
  if (typeof choice === 'object') return choice;
  switch (choice) {
    case 'auto':
      return new AutoLocker(table);
    case 'nftables':
      return new NftLocker(table);
    case 'iptables':
      return new IptablesLocker(table);
    case 'none':
      return noLock;
  }
}

/**
 * Unlocks all connections of a table, for example after a crash of the process that locked them. The kernel then
 * answers packets of a connection that was not restored with a reset. Returns whether there was something to unlock.
 * @throws SoccrError
 */
export function clearLocks(table: string = DEFAULT_TABLE, netns?: number): boolean {
  let cleared = false;
  try {
    cleared = new NftLocker(table).clear(netns);
  } catch (error) {
    if (error instanceof SoccrError && error.code === 'NO_PERMISSION') throw error;
    if (!(error instanceof SoccrError)) throw error;
  }
  return new IptablesLocker(table).clear(netns) || cleared;
}
