// What the tests share: raw TCP sockets over system calls, and what must be clean afterwards.

import { readdirSync, readlinkSync } from 'node:fs';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { SysError, sys, sysRaw } from '@criu/native';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_STREAM, SOL_TCP, TCP_REPAIR } from '@criu/native/uapi';
import { fromSockaddr, toSockaddr } from '../src/address.js';
import { getInt, setInt } from '../src/kernel.js';
import { makeSocket } from '../src/netns.js';
import { NftLocker } from '../src/nft.js';
import { tcpInfo } from '../src/save.js';

export const isRoot = process.getuid?.() === 0;
export const needsRoot = isRoot ? '' : ' (skipped: needs root)';

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Waits until `probe` is true. */
export async function until(probe: () => boolean, what: string, ms = 5000): Promise<void> {
  for (const end = performance.now() + ms; !probe(); await sleep(2)) {
    if (performance.now() > end) throw new Error(`still not: ${what}`);
  }
}

export interface Pair {
  /** The end under test. */
  fd: number;
  /** Its peer. */
  peer: number;
  port: number;
}

export type Flavour = '4' | '6' | 'mapped';

/** A listening socket; accepted ones inherit what `prepare` sets. */
export function listen(
  flavour: Flavour,
  prepare: (fd: number) => void = () => {},
  netns?: number,
): { fd: number; port: number } {
  const family = flavour === '4' ? 4 : 6;
  const fd = makeSocket(netns, family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  setInt(fd, 1, 2, 1, 'SO_REUSEADDR');
  if (flavour === 'mapped') setInt(fd, 41, 26, 0, 'IPV6_V6ONLY');
  prepare(fd);
  const any = { '4': '127.0.0.1', '6': '::1', mapped: '::' }[flavour];
  const address = toSockaddr({ address: any, port: 0 }, family);
  sys('bind', fd, address, address.length);
  sys('listen', fd, 64);
  const name = new Uint8Array(28);
  sys('getsockname', fd, name, new Uint32Array([28]));
  return { fd, port: fromSockaddr(name.subarray(0, family === 4 ? 16 : 28)).port };
}

/** A connected pair on loopback, of a network namespace; `fd` is the accepted end. */
export function pair(flavour: Flavour = '4', prepare?: (fd: number) => void, netns?: number): Pair {
  const listener = listen(flavour, prepare, netns);
  const family = flavour === '6' ? 6 : 4;
  const peer = makeSocket(netns, family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  const to = toSockaddr({ address: family === 4 ? '127.0.0.1' : '::1', port: listener.port }, family);
  sys('connect', peer, to, to.length);
  const fd = sys('accept4', listener.fd, null, null, SOCK_CLOEXEC);
  sys('close', listener.fd);
  return { fd, peer, port: listener.port };
}

export function send(fd: number, data: string | Uint8Array, flags = 0x4040 /* NOSIGNAL, DONTWAIT */): number {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const sent = sysRaw('sendto', fd, bytes, bytes.length, flags, null, 0);
  if (sent < 0) throw new SysError('send', -sent);
  return sent;
}

/** What can be read at once; null at the end. */
export function recv(fd: number, max = 65536): Buffer | null | undefined {
  const bytes = Buffer.alloc(max);
  const got = sysRaw('recvfrom', fd, bytes, max, 0x40 /* DONTWAIT */, null, null);
  if (got === -11) return undefined;
  if (got < 0) throw new SysError('recv', -got);
  return got === 0 ? null : bytes.subarray(0, got);
}

/** Reads exactly `length` bytes, or up to the end with `length` undefined. */
export async function recvAll(fd: number, length?: number, ms = 10_000): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let have = 0;
  for (const end = performance.now() + ms; length === undefined || have < length; ) {
    const piece = recv(fd, length === undefined ? 65536 : length - have);
    if (piece === null) {
      if (length === undefined) break;
      throw new Error(`ended after ${have} of ${length} bytes`);
    }
    if (piece) {
      pieces.push(piece);
      have += piece.length;
    } else if (performance.now() > end) throw new Error(`only ${have} of ${length ?? 'all'} bytes came`);
    else await sleep(1);
  }
  return Buffer.concat(pieces);
}

export const tcpState = (fd: number) => tcpInfo(fd)[0]!;
export const repairOf = (fd: number) => getInt(fd, SOL_TCP, TCP_REPAIR, 'TCP_REPAIR');
export const shutdown = (fd: number, how: number) => sys('shutdown', fd, how);
export const close = (...fds: number[]) => {
  for (const fd of fds) sys('close', fd);
};

/** Descriptors of this process, to see that none is left behind. */
export function openFds(): Set<string> {
  return new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
      } catch {
        return []; // the directory's own
      }
    }),
  );
}

export const lockedConnections = (table?: string) => new NftLocker(table).list();

/** A Node server socket and its client. */
export async function nodePair(): Promise<{ server: Socket; client: Socket }> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve));
  const client = netConnect((listener.address() as { port: number }).port, '127.0.0.1');
  const server = await accepted;
  await new Promise<void>((resolve) =>
    client.connecting ? client.once('connect', () => resolve()) : resolve(),
  );
  listener.close();
  return { server, client };
}
