// A network namespace for a test file alone: its connections, packet filters and settings touch nothing else on the
// machine, and nothing else on the machine touches them.
import { closeSync } from 'node:fs';
import { sys } from '@criu/native';
import { isRoot } from './dump/victim.js';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;

/**
 * Moves this test process into a new network namespace in which only loopback is up; without root nothing happens. The
 * namespace is that of the main thread, which makes all sockets and children: a test file is a process of its own.
 */
export function enterOwnNetwork(): void {
  if (!isRoot) return;
  sys('unshare', CLONE_NEWNET);
  loopbackUp();
}

function loopbackUp(): void {
  const fd = sys('socket', AF_INET, SOCK_DGRAM, 0);
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeInt16LE(IFF_UP, 16);
  sys('ioctl', fd, SIOCSIFFLAGS, request);
  closeSync(fd);
}
