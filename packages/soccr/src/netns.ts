// The network namespace of a connection, in which its sockets and its lock are created.
import { closeSync } from 'node:fs';
import { SysError, socketIn, sys, sysRaw } from '@criu/native';
import { SIOCGSKNS, SOCK_CLOEXEC } from '@criu/native/uapi';

/** Descriptor of the network namespace of a socket (SIOCGSKNS). The caller closes it. @throws SysError */
export function netnsOf(fd: number): number {
  const result = sysRaw('ioctl', fd, SIOCGSKNS);
  if (result < 0) throw new SysError('ioctl SIOCGSKNS', -result);
  return result;
}

/**
 * A new socket, close-on-exec, in a network namespace, by default the caller's. Another one needs CAP_SYS_ADMIN.
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

/** Runs `action` with a descriptor of the network namespace of a socket. @throws SysError */
export function withNetnsOf<T>(fd: number, action: (netns: number) => T): T {
  const netns = netnsOf(fd);
  try {
    return action(netns);
  } finally {
    closeSync(netns);
  }
}
