// What a lock is: packets of a connection neither come in nor go out while nobody can answer for it.
import type { Endpoint } from './address.js';

/** The two ends that name a connection, as in a saved state. */
export interface Connection {
  family: 4 | 6;
  local: Endpoint;
  remote: Endpoint;
}

/**
 * Holds packets of connections, so that no reset goes out between saving and restoring. Both calls take many
 * connections at once; locking one twice and unlocking one that is not locked are no errors. `netns` is an open
 * descriptor of the network namespace, undefined: the caller's own.
 */
export interface Locker {
  lock(connections: readonly Connection[], netns?: number): void | Promise<void>;
  unlock(connections: readonly Connection[], netns?: number): void | Promise<void>;
  /** Called after traffic flows again: removes what is not needed while nothing is locked. */
  tidy?(netns?: number): void | Promise<void>;
}

/** For callers that hold the network themselves (a network namespace that is cut off, a stopped peer). */
export const noLock: Locker = {
  lock() {},
  unlock() {},
};

/** Table of the lock rules, and chain name of the iptables way. */
export const DEFAULT_TABLE = 'soccr';
