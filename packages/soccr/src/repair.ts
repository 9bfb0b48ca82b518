// Into and out of repair mode: the two ends of everything done to a live socket.
import { SysError, sysRaw } from '@criu/native';
import {
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  SOL_TCP,
  sockaddr,
  TCP_REPAIR,
  TCP_REPAIR_OFF,
  TCP_REPAIR_OFF_NO_WP,
  TCP_REPAIR_ON,
} from '@criu/native/uapi';
import { type SoccrError, wrap } from './errors.js';
import { getInt, setRepair } from './kernel.js';
import { applyLast } from './options.js';
import type { SocketOptions } from './state.js';

/** What repair mode overwrites and {@link resume} has to put back. */
export type Paused = Required<Pick<SocketOptions, 'reuseAddress' | 'reusePort'>>;

/**
 * Turns repair mode on (TCP_REPAIR, tcp(7) of the kernel's documentation): the owner's calls fail from here on,
 * closing the socket sends nothing, and queues and sequence numbers can be read. Incoming packets are still
 * taken, so lock the connection first. Keep the result for {@link resume}.
 * @throws SoccrError NO_PERMISSION without CAP_NET_ADMIN, also for a listening socket
 */
export function pause(fd: number): Paused {
  try {
    const paused = {
      reuseAddress: getInt(fd, SOL_SOCKET, SO_REUSEADDR, 'SO_REUSEADDR') === 1,
      reusePort: getInt(fd, SOL_SOCKET, SO_REUSEPORT, 'SO_REUSEPORT') === 1,
    };
    setRepair(fd, TCP_REPAIR_ON);
    return paused;
  } catch (error) {
    throw wrap(error, 'cannot pause it', `descriptor ${fd}`);
  }
}

/**
 * Turns repair mode off. Unless `quiet`, an established socket sends a window probe, whose answer starts a
 * stalled stream at once; so unlock the connection first. Options that repair mode overwrote come back.
 * @throws SoccrError
 */
export function resume(fd: number, paused: Partial<Paused & SocketOptions>, quiet = false): void {
  try {
    setRepair(fd, quiet ? TCP_REPAIR_OFF_NO_WP : TCP_REPAIR_OFF);
    applyLast(fd, paused);
  } catch (error) {
    throw wrap(error, 'cannot leave repair mode', `descriptor ${fd}`);
  }
}

/**
 * Makes the connection vanish from this socket and from all its duplicates, without a packet: a descriptor that
 * another process still holds becomes unconnected and reports ECONNABORTED. The socket must be in repair mode.
 * @throws SoccrError
 */
export function dissolve(fd: number): void {
  // connect(2) to AF_UNSPEC disconnects; in repair mode the kernel sends no reset for it.
  const nowhere = new Uint8Array(sockaddr.sizeof);
  const result = sysRaw('connect', fd, nowhere, nowhere.length);
  if (result < 0) throw unexpected('connect', -result, fd);
}

function unexpected(call: string, errno: number, fd: number): SoccrError {
  return wrap(new SysError(call, errno), 'cannot take the connection off its socket', `descriptor ${fd}`);
}

/** True while repair mode is on. @throws SysError */
export function inRepair(fd: number): boolean {
  return getInt(fd, SOL_TCP, TCP_REPAIR, 'TCP_REPAIR') !== 0;
}
