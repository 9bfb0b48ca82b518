// Making sockets in the network namespace where a connection lives.
import { closeSync, openSync } from 'node:fs';
import { SysError, sys, sysRaw } from '@criu/native';
import { wrap } from './errors.js';
import { identity, SIOCGSKNS } from './kernel.js';

const CLONE_NEWNET = 0x40000000;
// Not /proc/self/ns: namespaces belong to threads, and `self` is the first thread.
const OWN = '/proc/thread-self/ns/net';

/** Descriptor of the namespace that a socket was made in (SIOCGSKNS); the caller closes it. @throws SysError */
export function netnsOf(fd: number): number {
  const result = sysRaw('ioctl', fd, SIOCGSKNS);
  if (result < 0) throw new SysError('ioctl SIOCGSKNS', -result);
  return result;
}

/**
 * Runs `action` with this thread inside a network namespace, which must not wait for anything: only the calling
 * thread moves, and it is back when this returns or throws. Without a change of namespace no privilege is needed.
 */
export function inNetns<T>(netns: number | undefined, action: () => T): T {
  if (netns === undefined) return action();
  const own = openSync(OWN, 'r');
  try {
    if (identity(own) === identity(netns)) return action();
    try {
      sys('setns', netns, CLONE_NEWNET);
    } catch (error) {
      throw wrap(error, 'cannot enter it (CAP_SYS_ADMIN)', `network namespace ${netns}`);
    }
    try {
      return action();
    } finally {
      sys('setns', own, CLONE_NEWNET);
    }
  } finally {
    closeSync(own);
  }
}

/** {@link inNetns} for the namespace of a socket. */
export function inNetnsOf<T>(fd: number, action: () => T): T {
  const netns = netnsOf(fd);
  try {
    return inNetns(netns, action);
  } finally {
    closeSync(netns);
  }
}
