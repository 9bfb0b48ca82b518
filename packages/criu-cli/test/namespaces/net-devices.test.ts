import { closeSync, openSync } from '@criu/native/fs';
import { encodeAttributes, NetlinkSocket, text, u32 } from '@criu/native/netlink';
import { NETLINK_GENERIC } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { infoOf, primaryOf } from '../../src/resources/namespaces/net/devices.js';
import { listOffloads, makeOffloads } from '../../src/resources/namespaces/net/offloads.js';
import { cleanUp, peer } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { free, ours, theirs } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

/** What CRIU keeps, too. The bridge has the lowest address of its ports: no port that comes later may change that. */
const PLAIN = `
link set lo up
addr add 127.7.7.7/32 dev lo
link add br0 type bridge
addr add 10.1.0.1/16 dev br0
link add v0 address 02:00:00:00:00:01 type veth peer name v1
link set v0 master br0
link set v0 up
link set br0 up
link set v1 mtu 1400
link set v1 up
addr add 10.2.0.5/24 brd + dev v1 label v1:x
addr add 10.2.0.6/24 dev v1
addr add 10.3.0.1 peer 10.3.0.2 dev v1
addr add fd77::5/64 dev v1 nodad
route add 10.50.0.0/16 via 10.2.0.9 metric 5 mtu 1300
route add blackhole 10.51.0.0/16
route add 10.53.0.0/16 nexthop via 10.2.0.9 weight 2 nexthop via 10.1.0.9
route add default via 10.2.0.1
route add 10.54.0.0/16 dev v1 scope link src 10.2.0.6
-6 route add fd88::/64 via fd77::9
rule add from 10.2.0.5 table 77 pref 100
rule add fwmark 5/0xff lookup 77 pref 101
`;

/** What only we keep, or keep without changing it: CRIU attaches to a device of tun(4), which gives it an address. */
const MORE = `
tuntap add tun0 mode tun user 1000 group 1001
link set tun0 up
addr add 10.6.0.1/30 dev tun0
route add 10.52.0.0/16 table 77 via 10.2.0.9
link set v1 alias uplink
link set v1 group 7
link set v1 txqueuelen 77
link property add dev v1 altname another-name-of-v1
link add mv0 link v1 type macvlan mode bridge
link set mv0 up
addr add 10.4.0.1/24 dev mv0
link add mt0 link v1 type macvtap mode vepa
link add vx0 type vxlan id 42 dstport 4789 dev v1 group 239.1.1.1 ttl 3
link set vx0 up
link add if0 type ifb
link set if0 up
link add du0 type dummy
link add vl0 link v1 type vlan id 5
link add iv0 link v1 type ipvlan mode l2
link add bd0 type bond mode active-backup miimon 100
link set du0 master bd0
link set bd0 type bond primary du0
link set bd0 up
tuntap add tap0 mode tap multi_queue vnet_hdr
nexthop add id 12 via 10.2.0.9 dev v1
route add 10.55.0.0/16 nhid 12
-6 rule add from fd77::5 table 77 pref 200
neigh add 10.2.0.77 lladdr 02:00:00:00:00:77 dev v1 nud permanent
-6 neigh add fd77::77 lladdr 02:00:00:00:00:78 dev v1 nud permanent
neigh add proxy 10.2.0.88 dev v1
`;
/** What is not listed by ip(8) alone, each line a command; those whose tools or kernel parts are not there are left out. */
const FURTHER = `
ip link add vp0 type veth peer name vp1
ip link set vp0 master br0
ip link set vp0 up
ip link set vp1 up
ip link set vp0 type bridge_slave hairpin on isolated on cost 33 priority 5 learning off
bridge mdb add dev br0 port vp0 grp 239.1.1.1 permanent
ip -6 addr add fd79::7/64 dev vp1 nodad
ip token set ::77 dev vp1
ip addrlabel del prefix 2001::/32 label 6
ip addrlabel add prefix 2001:77::/48 label 99
ip route add local 10.99.0.0/16 dev lo
ip -6 route add local fd99::/48 dev lo
ip -6 route add fd98::/64 dev vp1 expires 3000
ip link set vp1 gso_max_size 40000
ip addr add 10.97.0.1/24 dev vp1
ip route del 10.97.0.0/24 dev vp1
ip addr add 10.96.0.1/24 dev vp1
ip route del 10.96.0.0/24 dev vp1
ip route add 10.96.0.0/24 via 10.2.0.9
ip -6 addr add fd96::1/64 dev vp1 nodad
ip -6 addr add fd95::1/64 dev vp1 nodad
ip -6 route del fd95::/64 dev vp1
ip ntable change name arp_cache dev vp1 base_reachable 40000
tc qdisc add dev v1 root handle 1: htb default 10
tc class add dev v1 parent 1: classid 1:1 htb rate 10mbit ceil 20mbit
tc class add dev v1 parent 1:1 classid 1:10 htb rate 1mbit ceil 2mbit prio 3
tc qdisc add dev v1 parent 1:10 handle 10: pfifo limit 7
tc qdisc add dev v1 clsact
tc qdisc add dev vp1 root handle 5: tbf rate 1mbit burst 32kbit latency 400ms
`;
const FURTHER_LISTS = [
  'ip -d link',
  'bridge mdb',
  'ip token',
  'ip addrlabel',
  'ip route show table all',
  'ip -6 route show table all',
  'tc qdisc',
  'tc class show dev v1',
];
const SYSCTLS = [
  'net/ipv4/ip_local_port_range=20000 30000',
  'net/core/somaxconn=777',
  'net/ipv6/conf/v1/addr_gen_mode=1',
];

const LISTS = [
  '-d link',
  'addr',
  'route show table all',
  '-6 route show table all',
  'rule',
  '-6 rule',
  'neigh',
  'neigh show proxy',
  'nexthop',
];

it('a VLAN is asked for flags that the kernel knows', () => {
  // As the kernel tells of a VLAN: its number, and IFLA_VLAN_FLAGS with all bits in the mask.
  const told = (flags: number) =>
    encodeAttributes([
      [1, Buffer.from([5, 0])],
      [2, Buffer.concat([u32(flags), u32(0xffffffff)])],
    ]);
  const asked = (flags: number) =>
    infoOf({ name: 'v', link_kind: 'vlan', link_data: told(flags) } as never, 'netdev-1.img').data;
  expect(asked(1)).toEqual([
    [1, Buffer.from([5, 0])],
    [2, Buffer.from([1, 0, 0, 0, 0x1f, 0, 0, 0])],
  ]);
  // One that is not known here is the kernel's to refuse.
  expect(asked(0x20)).toEqual([expect.anything(), [2, Buffer.from([0x20, 0, 0, 0, 0x3f, 0, 0, 0])]]);
});

it('a bond is asked for what its mode accepts, and for its ports only when they are there', () => {
  // As the kernel tells of a bond in the mode active-backup: IFLA_BOND_*.
  const told = encodeAttributes([
    [1, Buffer.from([1])],
    [2, u32(7)],
    [3, u32(100)],
    [4, u32(0)],
    [11, u32(7)],
    [20, u32(1)],
    [21, Buffer.from([0])],
    [30, Buffer.from([2])],
  ]);
  const device = { name: 'b', link_kind: 'bond', link_data: told } as never;
  const { data } = infoOf(device, 'netdev-1.img');
  expect((data as readonly (readonly [number, unknown])[]).map(([type]) => type)).toEqual([1, 3, 30]);
  expect(primaryOf(device)).toEqual([[11, u32(7)]]);
});

describe.skipIf(!hasIp)('devices of a network namespace (needs root and ip)', () => {
  const task = sleeper();
  const { inside } = task;
  const make = (commands: string): string[] =>
    commands
      .trim()
      .split('\n')
      .filter((line) => inside('ip', ...line.split(' ')).status !== 0);
  /** All lists, line by line; without what time alone changes, and what a bridge learns from packets. */
  const look = (): string[] =>
    LISTS.flatMap((list) => {
      const { stdout } = inside('ip', ...list.split(' '));
      // A device that is down has `noop` only until it is up for the first time, as a VLAN is for a moment with the device below it.
      const lines = stdout
        .replace(/(\S+_timer|expires|fdb_n_learned)\s+\S+/g, '')
        .replace(/qdisc noqueue state DOWN/g, 'qdisc noop state DOWN')
        .split('\n');
      return lines.map((line) => `${list}: ${line.trim()}`).sort();
    });
  /** Until nothing changes any more of its own accord. */
  async function settled(): Promise<string[]> {
    let before: string[] = [];
    await until('devices have settled', () => {
      const now = look();
      const same = now.join() === before.join() && !now.some((line) => line.includes('tentative'));
      before = now;
      return same;
    });
    return before;
  }

  it('come back as they were', async () => {
    expect(make(PLAIN)).toEqual([]);
    make(MORE);
    for (const one of SYSCTLS) {
      const [path, value] = one.split('=');
      inside('sh', '-c', `echo ${value} > /proc/sys/${path}`);
    }
    const tunables = () => SYSCTLS.map((one) => inside('cat', `/proc/sys/${one.split('=')[0]}`).stdout);
    const [before, set] = [await settled(), tunables()];
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      const after = look();
      expect(after.filter((line) => line.includes('fd77::5/64') && line.includes('tentative'))).toEqual([]);
      expect(await settled()).toEqual(before);
      expect(tunables()).toEqual(set);
    }
  });

  /** What FURTHER_LISTS list, without what is counted, runs off, or is learned. */
  const lookFurther = (): string[] =>
    FURTHER_LISTS.flatMap((list) => {
      const lines = inside(...list.split(' '))
        .stdout.replace(/(\S+_timer|expires|refcnt|direct_packets_stat|fdb_n_learned)\s+\S+/g, '')
        .split('\n');
      return lines.filter((line) => !line.includes(' temp')).map((line) => `${list}: ${line.trim()}`);
    }).sort();
  /** Addresses of IPv6 in their order, by which the kernel chooses among them. */
  const inOrder = () =>
    [...told('ip', '-6', 'addr', 'show', 'dev', 'vp1').matchAll(/inet6 (fd\S+)/g)].map(([, one]) => one);
  const told = (...command: string[]) => inside(...command).stdout;

  it('come back with ports, disciplines, labels, tokens, routes that live for a while, and without routes that were taken away', async () => {
    expect(make(PLAIN)).toEqual([]);
    const failed = FURTHER.trim()
      .split('\n')
      .filter((line) => inside(...line.split(' ')).status !== 0);
    // Traffic control is a part of the kernel that need not be there, and a program of its own.
    expect(failed.filter((line) => !line.startsWith('tc ') && !line.startsWith('bridge '))).toEqual([]);
    await settled();
    const [before, order] = [lookFurther(), inOrder()];
    expect(order).toEqual(['fd95::1/64', 'fd96::1/64', 'fd79::7/64']);
    const imagesDir = freshDir();
    await dump({ pid: task.pid, imagesDir });
    await free([task.pid]);
    await restore({ imagesDir, detached: true });
    await settled();
    expect(lookFurther()).toEqual(before);
    expect(inOrder()).toEqual(order);
    expect(told('cat', '/proc/sys/net/ipv4/neigh/vp1/base_reachable_time_ms')).toBe('40000\n');
    const [, left] = /fd98::.* expires (\d+)sec/.exec(told('ip', '-6', 'route')) ?? [];
    expect(Number(left)).toBeGreaterThan(2500);
    expect(Number(left)).toBeLessThan(3001);
  });

  it('come back with the features that somebody has turned off (ethtool -K)', async (ctx) => {
    inside('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    const open = () => {
      const netns = openSync(`/proc/${task.pid}/ns/net`, 'r');
      try {
        return NetlinkSocket.open(NETLINK_GENERIC, netns);
      } finally {
        closeSync(netns);
      }
    };
    const offloads = () => {
      using socket = open();
      return listOffloads(socket, [{ index }])
        .map(({ body }) => Buffer.from(body).toString('latin1'))
        .sort();
    };
    const index = Number(told('ip', '-o', 'link', 'show', 'v1').split(':')[0]);
    const before = offloads();
    // Before Linux 5.7.
    if (before.length === 0) return ctx.skip();
    const off = Buffer.concat([u32(index), encodeAttributes([[2, text('tx-checksum-ip-generic')]])]);
    makeOffloads(open, [{ type: 0x10000, body: off }]);
    const changed = offloads();
    expect(changed).not.toEqual(before);
    const imagesDir = freshDir();
    await dump({ pid: task.pid, imagesDir });
    await free([task.pid]);
    await restore({ imagesDir, detached: true });
    expect(offloads()).toEqual(changed);
  });

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    for (const [who, dumper, restorer] of [
      ['restores what we dumped', ours, theirs],
      ['dumped what we restore', theirs, ours],
    ] as const)
      it(`CRIU ${who}`, async () => {
        expect(make(PLAIN)).toEqual([]);
        const before = await settled();
        const imagesDir = freshDir();
        await dumper.dump(task.pid, imagesDir);
        await free([task.pid]);
        await restorer.restore(imagesDir);
        // CRIU leaves addresses that come of their own accord.
        const kept = (lines: readonly string[]) => lines.filter((line) => !/fe80|valid_lft/.test(line));
        expect(kept(await settled())).toEqual(kept(before));
      });
  });
});
