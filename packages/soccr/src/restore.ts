// Restores saved connections into new descriptors or Node sockets, unlocks them and ends repair mode.
import type { Socket } from 'node:net';
import { sysRaw } from '@criu/native';
import { chooseLocker, type LockChoice } from './choose.js';
import { SoccrError } from './errors.js';
import type { Trace } from './frozen.js';
import { type SocketWrapOptions, toSocket } from './node-socket.js';
import { resume } from './repair.js';
import { freshSocket, restoreTcp } from './restore-tcp.js';
import { checkState, connectionText, type TcpState } from './state.js';

export interface RestoreOptions {
  /** The lock as in {@link FreezeOptions}; it must be the same, so that the lock is found and removed. */
  lock?: LockChoice;
  table?: string;
  /**
   * True (default): the lock of freezing is in effect here. It is removed after all connections are restored, and stays
   * after a failure for another attempt. False on another machine or in another network namespace: the connections are
   * locked first, and a failure leaves no lock behind.
   */
  locked?: boolean;
  /** Open descriptor of the network namespace for the sockets. Default: the caller's. */
  netns?: number;
  trace?: Trace;
}

/**
 * Restores connections. Returns their new descriptors (close-on-exec) in the same order. After a failure all new
 * sockets are closed without sending a packet.
 * @throws SoccrError ADDRESS_NOT_AVAILABLE, CONNECTION_EXISTS, PEER_UNREACHABLE, LOCK, NO_PERMISSION, BAD_STATE …
 */
export async function restoreAll(
  states: readonly TcpState[],
  options: RestoreOptions = {},
): Promise<number[]> {
  const locker = chooseLocker(options.lock, options.table);
  const trace = options.trace ?? (() => {});
  for (const state of states) checkState(state);
  const made: number[] = [];
  const own = options.locked === false;
  let locked = false;
  try {
    if (own) {
      trace('lock', `${states.length}`);
      locked = true;
      await locker.lock(states, options.netns);
    }
    for (const state of states) {
      trace('socket', connectionText(state));
      const fd = freshSocket(state.family, options.netns);
      made.push(fd);
      trace('restore', connectionText(state));
      restoreTcp(fd, state);
    }
    for (const state of states) trace('unlock', connectionText(state));
    await locker.unlock(states, options.netns);
    locked = false;
  } catch (error) {
    // In repair mode close(2) sends nothing.
    for (const fd of made) sysRaw('close', fd);
    if (locked) {
      await locker.unlock(states, options.netns);
      await locker.tidy?.(options.netns);
    }
    throw error;
  }
  for (const [i, fd] of made.entries()) resume(fd, states[i]?.options ?? {});
  trace('resumed', `${states.length}`);
  await locker.tidy?.(options.netns);
  return made;
}

/** {@link restoreAll} for one connection. */
export async function restore(state: TcpState, options: RestoreOptions = {}): Promise<number> {
  const [fd] = await restoreAll([state], options);
  if (fd === undefined) throw new SoccrError('BAD_STATE', 'nothing was restored');
  return fd;
}

/** {@link restore} into a Node socket. */
export async function restoreSocket(
  state: TcpState,
  options: RestoreOptions & SocketWrapOptions = {},
): Promise<Socket> {
  return toSocket(await restore(state, options), state, options);
}

/** {@link restoreAll} into Node sockets. */
export async function restoreSockets(
  states: readonly TcpState[],
  options: RestoreOptions & SocketWrapOptions = {},
): Promise<Socket[]> {
  const fds = await restoreAll(states, options);
  return states.map((state, i) => toSocket(fds[i] ?? -1, state, options));
}
