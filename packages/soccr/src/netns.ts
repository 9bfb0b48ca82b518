// The network namespace in which a connection lives, from which its sockets and its lock are made.
import { closeSync } from 'node:fs';
import { SysError, socketIn, sys, sysRaw } from '@criu/native';
import { SIOCGSKNS, SOCK_CLOEXEC } from '@criu/native/uapi';

/** Descriptor of the namespace that a socket was made in (SIOCGSKNS); the caller closes it. @throws SysError */
export function netnsOf(fd: number): number {
  const result = sysRaw('ioctl', fd, SIOCGSKNS);
  if (result < 0) throw new SysError('ioctl SIOCGSKNS', -result);
  return result;
}

/**
 * A new socket, close-on-exec, in a network namespace, or in the caller's own. Another one needs CAP_SYS_ADMIN.
 * @throws SysError
 */
export function makeSocket(
  netns: number | undefined,
  family: number,
  type: number,
  protocol: number,
): number {
  const how = type | SOCK_CLOEXEC;
  return netns === undefined ? sys('socket', family, how, protocol) : socketIn(netns, family, how, protocol);
}

/** Runs `action` with the namespace that a socket is in. @throws SysError */
export function withNetnsOf<T>(fd: number, action: (netns: number) => T): T {
  const netns = netnsOf(fd);
  try {
    return action(netns);
  } finally {
    closeSync(netns);
  }
}
