// Entering and leaving repair mode.
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

/** Options that repair mode overwrites and {@link resume} sets again. */
export type Paused = Required<Pick<SocketOptions, 'reuseAddress' | 'reusePort'>>;

/**
 * Turns repair mode on (TCP_REPAIR). From then on calls of the owner fail, closing the socket sends nothing, and queues
 * and sequence numbers can be read. The socket still accepts packets, so lock the connection first. Pass the result to
 * {@link resume}.
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
 * Turns repair mode off and sets the options that it has overwritten. Unless `quiet`, an established socket sends a
 * window probe, whose answer restarts a stalled stream at once; so unlock the connection first.
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
 * Disconnects the socket with all its duplicates, without sending a packet. A descriptor in another process becomes
 * unconnected and reports ECONNABORTED. The socket must be in repair mode.
 * @throws SoccrError
 */
export function dissolve(fd: number): void {
  // connect(2) with AF_UNSPEC disconnects. In repair mode the kernel sends no reset.
  const nowhere = new Uint8Array(sockaddr.sizeof);
  const result = sysRaw('connect', fd, nowhere, nowhere.length);
  if (result < 0) throw unexpected('connect', -result, fd);
}

function unexpected(call: string, errno: number, fd: number): SoccrError {
  return wrap(new SysError(call, errno), 'cannot take the connection off its socket', `descriptor ${fd}`);
}

/** Whether repair mode is on. @throws SysError */
export function inRepair(fd: number): boolean {
  return getInt(fd, SOL_TCP, TCP_REPAIR, 'TCP_REPAIR') !== 0;
}
