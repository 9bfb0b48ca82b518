// Restores saved connections into fresh descriptors or Node sockets, unlocks them and sets them going.
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
  /** As in freezing; the same, so that the lock is found and taken away. */
  lock?: LockChoice;
  table?: string;
  /**
   * The lock from freezing holds here (default): it goes once all is restored, and stays when that failed, so that
   * it can be tried again. False on another machine or in another network namespace: lock first, and leave
   * nothing behind after a failure.
   */
  locked?: boolean;
  /** Open descriptor of the network namespace to restore into. Default: the caller's own. */
  netns?: number;
  trace?: Trace;
}

/**
 * Restores connections and returns their new descriptors (close-on-exec), in the same order. All, or none: after a
 * failure all that was made is closed without a packet.
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
    // In repair mode, closing sends nothing.
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

/** {@link restoreAll} for one. */
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
