// Sockets in other network namespaces. A socket stays in the namespace in which it was created.
import { closeSync, openSync } from 'node:fs';
import { addon } from './addon.js';
import { SysError } from './errors.js';
import { sys } from './sys.js';
import { EPERM, stat } from './uapi.generated.js';

// Namespaces belong to threads, and /proc/self is the main thread.
const OWN = '/proc/thread-self/ns/net';

function identity(fd: number): string {
  const status = Buffer.alloc(stat.sizeof);
  sys('fstat', fd, status);
  return `${status.readBigUInt64LE(stat.st_dev)}:${status.readBigUInt64LE(stat.st_ino)}`;
}

/** Whether a descriptor refers to the network namespace of the calling thread. @throws SysError */
export function isOwnNetns(netns: number): boolean {
  const own = openSync(OWN, 'r');
  try {
    return identity(own) === identity(netns);
  } finally {
    closeSync(own);
  }
}

/**
 * socket(2) in a network namespace. If it is not that of the calling thread, a helper process enters it and opens the
 * socket in the descriptor table that it shares with this process.
 * @param netns descriptor of the namespace
 * @throws SysError EPERM without CAP_SYS_ADMIN in both namespaces, EINVAL if `netns` is no network namespace
 */
export function socketIn(netns: number, family: number, type: number, protocol: number): number {
  if (isOwnNetns(netns)) return sys('socket', family, type, protocol);
  const fd = addon().socketIn(netns, family, type, protocol);
  if (fd < 0)
    throw new SysError(fd === -EPERM ? 'setns' : 'socket', -fd, 'for a socket in another network namespace');
  return fd;
}
