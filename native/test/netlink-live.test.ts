// Netlink with the kernel, in a network namespace of the test's own: lists, changes, refusals, other namespaces.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { isOwnNetns, socketIn, sys, sysRaw } from '@criu/native';
import {
  addressHeader,
  deleteTable,
  getInetSocket,
  getLink,
  linkHeader,
  listAddresses,
  listInetSockets,
  listLinks,
  listNetlinkSockets,
  listPacketSockets,
  listRoutes,
  listRules,
  listTables,
  listUnixSockets,
  NetlinkSocket,
  nftChange,
  nftMessage,
  routeHeader,
  routeMessage,
  text,
  u32,
} from '@criu/native/netlink';
import {
  IFA_LOCAL,
  IFF_LOOPBACK,
  IFF_UP,
  IFLA_MTU,
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NFPROTO_INET,
  NFT_MSG_NEWTABLE,
  NFTA_TABLE_NAME,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTA_DST,
  RTA_OIF,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWROUTE,
  RTM_SETLINK,
} from '@criu/native/uapi';
import { describe, expect, it } from 'vitest';
import { enterOwnNetwork } from './own-network.js';

enterOwnNetwork();

const isRoot = process.getuid?.() === 0;
const [AF_INET, SOCK_DGRAM, SIOCGSKNS] = [2, 2, 0x894c];

/** A network namespace that lives as long as a sleeping process in it. */
async function otherNamespace(): Promise<{ fd: number; end(): void }> {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'echo; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const fd = openSync(`/proc/${child.pid}/ns/net`, 'r');
  return {
    fd,
    end() {
      closeSync(fd);
      child.kill('SIGKILL');
    },
  };
}

describe.skipIf(!isRoot)('netlink (needs root)', () => {
  it('carries out many requests in few datagrams, and tells which of them fail', () => {
    using route = NetlinkSocket.open(NETLINK_ROUTE);
    const up = linkHeader({ index: 1, flags: IFF_UP, change: IFF_UP });
    route.request(routeMessage(RTM_SETLINK, 0, up), 'set link');
    const add = (i: number, index = 1) => ({
      ...routeMessage(
        RTM_NEWADDR,
        NLM_F_CREATE | NLM_F_EXCL,
        addressHeader({ family: AF_INET, prefixLength: 32, index }),
        [[IFA_LOCAL, Buffer.from([10, 77, i >> 8, i & 0xff])]],
      ),
      what: `address ${i}`,
    });
    const MANY = 3000;
    const outcomes = route.each(Array.from({ length: MANY }, (_, i) => add(i, i % 1000 === 5 ? 999 : 1)));
    const failed = outcomes.flatMap((error, i) => (error ? [[i, error.code, error.message]] : []));
    expect(failed).toEqual(
      [5, 1005, 2005].map((i) => [
        i,
        'ENODEV',
        expect.stringMatching(new RegExp(`^address ${i}\\b.*ENODEV`)),
      ]),
    );
    expect(listAddresses(route, AF_INET).filter(({ local }) => local?.[1] === 77)).toHaveLength(MANY - 3);
    // All of them there: each answer is an error, of which the first is thrown.
    expect(() => route.all([add(0), add(1)])).toThrow(/^address 0\b.*EEXIST/);
    expect(route.each([])).toEqual([]);
    // Nothing of that is left in the socket.
    expect(getLink(route, 'lo').index).toBe(1);
    const remove = Array.from({ length: MANY }, (_, i) => ({ ...add(i), type: RTM_DELADDR, flags: 0 }));
    expect(route.each(remove).filter((error) => error)).toHaveLength(3);
  });

  it('lists links, addresses, routes and rules, and makes them', () => {
    using route = NetlinkSocket.open(NETLINK_ROUTE);
    const lo = getLink(route, 'lo');
    expect(lo).toMatchObject({ index: 1, name: 'lo', arpType: 772 });
    expect(lo.flags & IFF_LOOPBACK).toBe(IFF_LOOPBACK);
    expect(listLinks(route).map(({ name }) => name)).toContain('lo');

    route.request(
      routeMessage(RTM_SETLINK, 0, linkHeader({ index: 1 }), [[IFLA_MTU, u32(9000)]]),
      'set link',
    );
    expect(getLink(route, 'lo').mtu).toBe(9000);

    const own = Buffer.from([10, 1, 2, 3]);
    const address = addressHeader({ family: AF_INET, prefixLength: 32, index: 1 });
    const add = () =>
      route.request(
        routeMessage(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, [[IFA_LOCAL, own]]),
        'add address',
      );
    add();
    expect(listAddresses(route, AF_INET).find(({ local }) => local?.equals(own))).toMatchObject({
      index: 1,
      prefixLength: 32,
    });
    // With the kernel's own words.
    expect(add).toThrow(/^add address: EEXIST \(.*already.*\)$/);

    const to = routeHeader({ family: AF_INET, dstLength: 24, table: 254, protocol: 3, type: 1 });
    const destination = Buffer.from([192, 0, 2, 0]);
    route.request(
      routeMessage(RTM_NEWROUTE, NLM_F_CREATE, to, [
        [RTA_DST, destination],
        [RTA_OIF, u32(1)],
      ]),
      'add route',
    );
    expect(listRoutes(route, AF_INET).find((r) => r.destination?.equals(destination))).toMatchObject({
      dstLength: 24,
      table: 254,
      outgoingLink: 1,
    });
    expect(listRules(route, AF_INET).map(({ priority, table }) => [priority, table])).toEqual([
      [0, 255],
      [32766, 254],
      [32767, 253],
    ]);
  });

  it('a link that is not there is an error with its name', () => {
    using route = NetlinkSocket.open(NETLINK_ROUTE);
    expect(() => getLink(route, 'nosuch0')).toThrow(/^get link nosuch0: ENODEV/);
    // The socket is good for more.
    expect(getLink(route, 'lo').name).toBe('lo');
  });

  it('lists more links than one datagram takes', () => {
    using route = NetlinkSocket.open(NETLINK_ROUTE);
    for (let i = 0; i < 40; i++)
      execFileSync('ip', ['link', 'add', `many${i}`, 'type', 'veth', 'peer', `much${i}`]);
    const names = listLinks(route).map(({ name }) => name);
    expect(names).toHaveLength(81);
    expect(new Set(names)).toHaveLength(81);
    expect(getLink(route, 'many7').kind).toBe('veth');
    for (let i = 0; i < 40; i++)
      route.request(
        routeMessage(RTM_DELLINK, 0, linkHeader({ index: getLink(route, `many${i}`).index })),
        'delete',
      );
  });

  it('lists internet, Unix, packet and netlink sockets', async () => {
    using diag = NetlinkSocket.open(NETLINK_SOCK_DIAG);
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const [found] = listInetSockets(diag, AF_INET, 6).filter((s) => s.localPort === port);
    expect(found).toMatchObject({ state: 10, family: AF_INET, local: Buffer.from([127, 0, 0, 1]) });
    const none = Buffer.alloc(4);
    const ends = { localPort: port, remotePort: 0, local: Buffer.from([127, 0, 0, 1]), remote: none };
    expect(getInetSocket(diag, AF_INET, 6, ends).inode).toBe(found?.inode);
    await new Promise((resolve) => server.close(resolve));
    expect(() => getInetSocket(diag, AF_INET, 6, ends)).toThrow(/ENOENT/);

    const packet = sys('socket', 17, 3, 0x0300);
    expect(listPacketSockets(diag)).toEqual([
      expect.objectContaining({ type: 3, protocol: 0x0300, memberships: [] }),
    ]);
    closeSync(packet);

    // The one that asks is there itself, and has an address by now.
    const [asking] = listNetlinkSockets(diag).filter(({ protocol }) => protocol === NETLINK_SOCK_DIAG);
    expect(asking).toMatchObject({ connected: false });

    const pair = new Int32Array(2);
    sys('socketpair', 1, 1, 0, pair);
    const unix = listUnixSockets(diag);
    const peers = unix.filter(
      (s) => s.peer && unix.some((other) => other.ino === s.peer && other.peer === s.ino),
    );
    expect(peers.length).toBeGreaterThanOrEqual(2);
    for (const fd of pair) closeSync(fd);
  });

  it('changes tables of nftables, all or none', () => {
    using netfilter = NetlinkSocket.open(NETLINK_NETFILTER);
    const table = (name: string) =>
      nftMessage(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, NFPROTO_INET, [[NFTA_TABLE_NAME, text(name)]]);
    const names = () => listTables(netfilter, NFPROTO_INET).map(({ name }) => name);
    nftChange(netfilter, [table('one'), table('two')], 'make tables');
    expect(names()).toEqual(['one', 'two']);
    expect(() => nftChange(netfilter, [table('three'), table('one')], 'make tables')).toThrow(
      /make tables: EEXIST/,
    );
    expect(names()).toEqual(['one', 'two']);
    const drop = ['one', 'two'].map((name) => deleteTable(NFPROTO_INET, name));
    expect(() => nftChange(netfilter, drop, 'drop tables', 1)).toThrow(/ERESTART/);
    nftChange(netfilter, drop, 'drop tables');
    expect(names()).toEqual([]);
  });

  it('a socket is made in another network namespace, by nobody of ours who enters it', async () => {
    const other = await otherNamespace();
    try {
      const before = sysRaw('getpid');
      const fd = socketIn(other.fd, AF_INET, SOCK_DGRAM, 0);
      const there = sysRaw('ioctl', fd, SIOCGSKNS);
      expect([isOwnNetns(there), isOwnNetns(other.fd)]).toEqual([false, false]);
      for (const one of [fd, there]) closeSync(one);
      const own = openSync('/proc/thread-self/ns/net', 'r');
      expect(isOwnNetns(own)).toBe(true);
      closeSync(own);
      expect(sysRaw('getpid')).toBe(before);

      using route = NetlinkSocket.open(NETLINK_ROUTE, other.fd);
      expect(listLinks(route).map(({ name, flags }) => [name, flags & IFF_UP])).toEqual([['lo', 0]]);
      using here = NetlinkSocket.open(NETLINK_ROUTE);
      expect(getLink(here, 'lo').flags & IFF_UP).toBe(IFF_UP);
    } finally {
      other.end();
    }
  });

  it('the policy of a thread that asks for one is as it was, with what children inherit of it', async () => {
    const other = await otherNamespace();
    const set = (policy: number, priority: number) =>
      sysRaw('sched_setscheduler', 0, policy, new Int32Array([priority]));
    /** SCHED_RR with SCHED_RESET_ON_FORK. */
    const raised = 2 | 0x40000000;
    const mayRaise = set(raised, 1) === 0;
    try {
      closeSync(socketIn(other.fd, AF_INET, SOCK_DGRAM, 0));
      expect(sysRaw('sched_getscheduler', 0)).toBe(mayRaise ? raised : 0);
    } finally {
      set(0, 0);
      other.end();
    }
  });

  it('a descriptor that is no network namespace is refused, and leaves nobody behind', () => {
    const uts = openSync('/proc/self/ns/uts', 'r');
    for (let i = 0; i < 50; i++) expect(() => socketIn(uts, AF_INET, SOCK_DGRAM, 0)).toThrow(/EINVAL/);
    closeSync(uts);
    // No helper is left: they are children whose end sends no SIGCHLD.
    expect(sysRaw('wait4', -1, new Int32Array(1), 0x80000001 /* WNOHANG | __WCLONE */, null)).toBe(-10);
  });
});
