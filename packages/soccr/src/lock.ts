// A lock drops the packets of a connection in both directions while no socket owns it.
import type { Endpoint } from './address.js';

/** The two ends of a connection, as in a saved state. */
export interface Connection {
  family: 4 | 6;
  local: Endpoint;
  remote: Endpoint;
}

/**
 * Drops the packets of connections, so that the kernel sends no reset between save and restore. Both calls take several
 * connections. Locking a locked connection and unlocking an unlocked one are no errors. `netns` is an open descriptor
 * of the network namespace, default: the caller's.
 */
export interface Locker {
  lock(connections: readonly Connection[], netns?: number): void | Promise<void>;
  unlock(connections: readonly Connection[], netns?: number): void | Promise<void>;
  /** Called after connections were unlocked: removes what is unnecessary while nothing is locked. */
  tidy?(netns?: number): void | Promise<void>;
}

/** For callers that block the network themselves (an isolated network namespace, a stopped peer). */
export const noLock: Locker = {
  lock() {},
  unlock() {},
};

/** Name of the nftables table, and of the iptables chain. */
export const DEFAULT_TABLE = 'soccr';
