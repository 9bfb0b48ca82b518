// What the kernel adds of its own accord: addresses of devices, of which a restore adds none, and devices.
import { setTimeout as sleep } from 'node:timers/promises';
import { NdType } from '@criu/images';
import { Attributes, encodeAttributes, u32 } from '@criu/native/netlink';
import {
  AF_INET6,
  DEVCONF_DISABLE_IPV6,
  IFF_LOWER_UP,
  IFF_SLAVE,
  IFF_UP,
  IFLA_AF_SPEC,
  IFLA_INET6_CONF,
  IFLA_INET6_FLAGS,
} from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { loadModules, mayAddOthers, takenBy } from '../../src/resources/namespaces/net/added.js';
import { deviceOfMode, isUnready } from '../../src/resources/namespaces/net/automatic.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

it('a device is ready when the kernel says so, unless it is to have no addresses, or nothing is to come', () => {
  const link = (flags: number, { ready = 0, disabled = 0 } = {}) => {
    const conf = Buffer.alloc(4 * (DEVCONF_DISABLE_IPV6 + 1));
    conf.writeInt32LE(disabled, 4 * DEVCONF_DISABLE_IPV6);
    const inet6 = [
      [IFLA_INET6_FLAGS, u32(ready)],
      [IFLA_INET6_CONF, conf],
    ] as const;
    const attributes = Attributes.parse(encodeAttributes([[IFLA_AF_SPEC, [[AF_INET6, inet6]]]]));
    return { flags, attributes };
  };
  const carried = IFF_UP | IFF_LOWER_UP;
  expect(isUnready(link(carried))).toBe(true);
  expect(isUnready(link(carried, { ready: 0x80000000 }))).toBe(false);
  expect(isUnready(link(carried, { disabled: 1 }))).toBe(false);
  expect(isUnready(link(carried | IFF_SLAVE))).toBe(false);
  expect(isUnready({ flags: carried, attributes: Attributes.parse(Buffer.alloc(0)) })).toBe(false);
  // Without a carrier, or down.
  expect(isUnready(link(IFF_UP))).toBe(false);
  expect(isUnready(link(IFF_LOWER_UP))).toBe(false);
});

it('a device that the kernel adds is named when it has the number of another, and those that bring it come last', () => {
  const links = [
    { index: 2, name: 'gre0' },
    { index: 3, name: 'eth0' },
  ];
  expect([2, 3, 4].map((index) => takenBy(links, index))).toEqual(['gre0', undefined, undefined]);
  expect(
    ['ipip', 'veth', undefined].map((link_kind) => mayAddOthers({ type: NdType.EXTLINK, link_kind })),
  ).toEqual([true, false, false]);
});

it('modules that add devices are loaded while others hold the numbers of those to come', () => {
  const log: string[] = [];
  const note = (what: string): undefined => {
    log.push(what);
  };
  const socket = {
    each: (requests: readonly { what: string }[]) => requests.map(({ what }) => note(what)),
    request: (_: unknown, what: string) => [note(what)],
  };
  loadModules(socket as never, [
    { type: NdType.EXTLINK, ifindex: 4, link_kind: 'gre' },
    { type: NdType.SIT, ifindex: 5 },
  ]);
  expect(log).toEqual([
    'device criu-in0',
    'device criu-in1',
    'device criu-load',
    'remove the device criu-load',
    'device criu-load',
    'remove the device criu-load',
    'remove the device criu-in0',
    'remove the device criu-in1',
  ]);
});

it('the mode of a device is told from that of all and of new devices', () => {
  expect(deviceOfMode('net/ipv6/conf/eth0.5/addr_gen_mode')).toBe('eth0.5');
  for (const path of [
    'net/ipv6/conf/all/addr_gen_mode',
    'net/ipv6/conf/default/addr_gen_mode',
    'net/ipv6/conf/eth0/mtu',
  ])
    expect(deviceOfMode(path)).toBeUndefined();
});

describe.skipIf(!hasIp)('link-local addresses (need root and ip)', () => {
  const task = sleeper();
  const run = (line: string) => expect(task.inside(...line.split(' ')), line).toMatchObject({ status: 0 });
  const ofDevice = (name: string) =>
    [
      ...task
        .inside('ip', '-6', 'addr', 'show', 'dev', name, 'scope', 'link')
        .stdout.matchAll(/inet6 (\S+)/g),
    ].map(([, one]) => one);
  const mode = (name: string) =>
    task.inside('cat', `/proc/sys/net/ipv6/conf/${name}/addr_gen_mode`).stdout.trim();

  it('are those that there were: of an earlier hardware address, or none', async () => {
    for (const line of [
      'ip link add br0 address 02:00:00:00:00:05 type bridge',
      'ip link add v0 type veth peer name v1',
      'ip link add w0 type veth peer name w1',
      'ip link set v0 master br0',
      'ip link set v0 up',
      'ip link set br0 up',
      'ip link set w0 addrgenmode none',
      'ip link set w0 up',
      'ip link set w1 up',
      'ip link set v1 up',
    ])
      run(line);
    const names = ['br0', 'v0', 'v1', 'w0', 'w1'];
    await until('the devices have their addresses', () =>
      names.every((name) => name === 'w0' || ofDevice(name).length === 1),
    );
    run('ip link set br0 address 02:00:00:00:00:99');
    run('ip -6 addr flush dev v1 scope link');
    const look = () => names.map((name) => [name, mode(name), ...ofDevice(name)]);
    const before = look();
    expect(before).toEqual([
      ['br0', '0', 'fe80::ff:fe00:5/64'],
      ['v0', '0', expect.any(String)],
      ['v1', '0'],
      ['w0', '1'],
      ['w1', '0', expect.any(String)],
    ]);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(look()).toEqual(before);
      // The kernel tells of carriers at most a second later.
      await sleep(1200);
      expect(look()).toEqual(before);
    }
    // From now on it gives them again.
    run('ip link set v1 down');
    run('ip link set v1 up');
    await until('v1 has an address', () => ofDevice('v1').length === 1);
  });
});
