// A network namespace for a test file alone: its connections, packet filters and settings touch nothing else on the
// machine, and nothing else on the machine touches them.
import { closeSync } from 'node:fs';
import { sys } from '../lib/index.js';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFMTU = 0x8922;
const IFF_UP = 1;

function changeLoopback(request: number, value: (ifreq: Buffer) => void): void {
  const fd = sys('socket', AF_INET, SOCK_DGRAM, 0);
  const ifreq = Buffer.alloc(40);
  ifreq.write('lo');
  value(ifreq);
  sys('ioctl', fd, request, ifreq);
  closeSync(fd);
}

/**
 * Moves this test process into a new network namespace in which only loopback is up; without root nothing happens. The
 * namespace is that of the main thread, which makes all sockets and children: a test file is a process of its own.
 */
export function enterOwnNetwork(): void {
  if (process.getuid?.() !== 0) return;
  sys('unshare', CLONE_NEWNET);
  changeLoopback(SIOCSIFFLAGS, (ifreq) => ifreq.writeInt16LE(IFF_UP, 16));
}

/** Gives loopback of this test's own network namespace the largest packet size of an Ethernet. */
export function likeEthernet(): void {
  if (process.getuid?.() === 0) changeLoopback(SIOCSIFMTU, (ifreq) => ifreq.writeInt32LE(1500, 16));
}
