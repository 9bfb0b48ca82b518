// Sockets in other network namespaces. A socket stays in the one where it was made, whoever uses it afterwards.
import { closeSync, openSync } from 'node:fs';
import { addon } from './addon.js';
import { SysError } from './errors.js';
import { sys } from './sys.js';
import { stat } from './uapi.generated.js';

// Not /proc/self/ns: namespaces belong to threads, and `self` is the first thread.
const OWN = '/proc/thread-self/ns/net';

function identity(fd: number): string {
  const status = Buffer.alloc(stat.sizeof);
  sys('fstat', fd, status);
  return `${status.readBigUInt64LE(stat.st_dev)}:${status.readBigUInt64LE(stat.st_ino)}`;
}

/** Whether a descriptor is that of the network namespace of the calling thread. @throws SysError */
export function isOwnNetns(netns: number): boolean {
  const own = openSync(OWN, 'r');
  try {
    return identity(own) === identity(netns);
  } finally {
    closeSync(own);
  }
}

/**
 * socket(2) in a network namespace. For another one than that of the calling thread a helper process enters it, since a
 * thread of ours must not, and opens the socket in the table of descriptors that it shares with us.
 * @param netns descriptor of the namespace
 * @throws SysError EPERM without CAP_SYS_ADMIN in both namespaces, EINVAL when it is no network namespace
 */
export function socketIn(netns: number, family: number, type: number, protocol: number): number {
  if (isOwnNetns(netns)) return sys('socket', family, type, protocol);
  const fd = addon().socketIn(netns, family, type, protocol);
  if (fd < 0) throw new SysError('socket', -fd, 'in another network namespace');
  return fd;
}
