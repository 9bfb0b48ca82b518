// Socket activation: a service manager has created the socket and starts us when a client connects (sd_listen_fds(3)).
import { SysError, sys } from '@criu/native';
import { F_GETFL, F_SETFD, F_SETFL, FD_CLOEXEC, O_NONBLOCK } from '@criu/native/uapi';
import { CriuError } from '../errors.js';
import { PacketSocket } from '../rpc/socket.js';
import type { Environment } from './environment.js';

/** The first passed descriptor (SD_LISTEN_FDS_START). */
const FIRST = 3;

/**
 * The socket that was passed to this process; the service manager keeps it when this process ends.
 * @returns its descriptor; undefined if no socket was passed
 * @throws CriuError if it is not a socket for CRIU's clients, or not the only one
 */
export function passedSocket({ LISTEN_PID: pid, LISTEN_FDS: count }: Environment): number | undefined {
  if (pid !== String(process.pid) || count === undefined) return undefined;
  const refuse = (message: string) =>
    new CriuError(
      'BAD_OPTION',
      message,
      { fd: FIRST },
      'give the service one socket in the unit file, with ListenSequentialPacket=',
    );
  if (count !== '1') throw refuse(`the service manager passes ${count} sockets, and one is served`);
  try {
    if (!new PacketSocket(FIRST).isPacket)
      throw refuse('the service manager passes a socket that does not keep messages apart');
  } catch (error) {
    throw error instanceof SysError ? refuse('what the service manager passes is no socket') : error;
  }
  sys('fcntl', FIRST, F_SETFD, FD_CLOEXEC);
  sys('fcntl', FIRST, F_SETFL, sys('fcntl', FIRST, F_GETFL, 0) | O_NONBLOCK);
  return FIRST;
}
