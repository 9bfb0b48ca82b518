// Pending errors of sockets (SO_ERROR) and messages in their error queues. Reading them clears them.
import {
  AF_INET6,
  ECONNREFUSED,
  IP_RECVERR,
  IPV6_RECVERR,
  SO_TIMESTAMPING,
  SO_TIMESTAMPING_NEW,
  SO_ZEROCOPY,
  SOL_IP,
  SOL_IPV6,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { OpenFile } from '../open-file.js';
import { hasError } from '../sockets/look.js';
import { knows, option } from '../sockets/options.js';

/** Whether the socket has an error queue (MSG_ERRQUEUE), and not only the last error. */
function hasQueue(fd: number, family: number): boolean {
  if (option(fd, IP_RECVERR, SOL_IP) !== 0) return true;
  if (family === AF_INET6 && option(fd, IPV6_RECVERR, SOL_IPV6) !== 0) return true;
  return [SO_TIMESTAMPING, SO_TIMESTAMPING_NEW, SO_ZEROCOPY].some(
    (name) => knows(fd, name) && option(fd, name) !== 0,
  );
}

/** Refuses a socket with a pending error or with messages in its error queue. @throws CriuError */
export function refuseNotices(file: OpenFile): void {
  if (!hasError(file.local)) return;
  throw new CriuError(
    'UNSUPPORTED',
    'internet socket: errors or notices about what was sent wait to be received (MSG_ERRQUEUE), and cannot be put there again',
    { pid: file.pid, fd: file.fd },
    'let the program receive them before the dump',
  );
}

/**
 * The pending error of a datagram socket, undefined if there is none. Without an error queue only a connected socket has one:
 * ECONNREFUSED.
 * @throws CriuError if the socket has an error queue
 */
export function untoldError(file: OpenFile, family: number, connected: boolean): number | undefined {
  const fd = file.local;
  if (!hasError(fd)) return undefined;
  if (!connected || hasQueue(fd, family)) refuseNotices(file);
  return ECONNREFUSED;
}
