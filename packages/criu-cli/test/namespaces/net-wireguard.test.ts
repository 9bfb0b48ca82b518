import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync } from '@criu/native/fs';
import { type Attribute, Attributes, encodeAttributes, NetlinkSocket, u16, u32 } from '@criu/native/netlink';
import { NETLINK_GENERIC } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { familyOf, genericHeader } from '../../src/resources/namespaces/net/generic.js';
import { askedOf, hasSocket } from '../../src/resources/namespaces/net/wireguard.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

// <linux/wireguard.h>
const [GET, SET] = [0, 1];
const [IFINDEX, PRIVATE_KEY, FLAGS, LISTEN_PORT, FWMARK, PEERS] = [1, 3, 5, 6, 7, 8] as const;
const [KEY, PRESHARED, ENDPOINT, KEEPALIVE, HANDSHAKE, ADDRESSES] = [1, 2, 4, 5, 6, 9] as const;

/** sockaddr_in. */
function endpoint(port: number, ...address: number[]): Buffer {
  const bytes = Buffer.from([2, 0, 0, 0, ...address, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt16BE(port, 2);
  return bytes;
}
const allowed = (family: number, mask: number, ...address: number[]): Attribute => [
  0,
  [
    [1, u16(family)],
    [2, Buffer.from(address)],
    [3, Buffer.from([mask])],
  ],
];

it('of a WireGuard device that the kernel tells in pieces each piece is a request, which adds to the one before', () => {
  const key = Buffer.alloc(32, 7);
  const answer = (peer: readonly Attribute[]) =>
    encodeAttributes([
      [IFINDEX, u32(9)],
      [PRIVATE_KEY, Buffer.alloc(32, 1)],
      [4, Buffer.alloc(32, 2)],
      [LISTEN_PORT, u16(51820)],
      [FWMARK, u32(0)],
      [PEERS, [[0, peer]]],
    ]);
  const asked = askedOf(
    [
      answer([
        [KEY, key],
        [HANDSHAKE, Buffer.alloc(16)],
        [KEEPALIVE, u16(25)],
        [ADDRESSES, [allowed(2, 24, 10, 0, 0, 0)]],
      ]),
      answer([
        [KEY, key],
        [ADDRESSES, [allowed(2, 24, 10, 0, 1, 0)]],
      ]),
    ],
    9,
  ).map(({ body }) => Attributes.parse(Buffer.from(body)));
  expect(asked.map(({ types }) => types)).toEqual([
    [IFINDEX, FLAGS, PRIVATE_KEY, FWMARK, LISTEN_PORT, PEERS],
    [IFINDEX, PEERS],
  ]);
  const peers = asked.map((one) => one.nested(PEERS)?.nestedAll(0)[0]);
  expect(peers.map((peer) => peer?.types)).toEqual([
    [KEY, KEEPALIVE, ADDRESSES],
    [KEY, ADDRESSES],
  ]);
  expect(peers[1]?.nested(ADDRESSES)?.nestedAll(0)[0]?.bytes(2)).toEqual(Buffer.from([10, 0, 1, 0]));
});

it('the socket of a WireGuard device is the one with its port and without an address', () => {
  const text = `   sl  local_address rem_address   st tx_queue
  422: 00000000:C05D 00000000:0000 07 00000000:00000000
  423: 0100007F:C05E 00000000:0000 07 00000000:00000000`;
  expect([0xc05d, 0xc05e, 0x5d].map((port) => hasSocket(text, port))).toEqual([true, false, false]);
});

describe.skipIf(!hasIp || !isRoot)('WireGuard devices (needs root, ip, and the kernel)', () => {
  const task = sleeper();
  const other = sleeper();
  const run = (line: string, place = task) =>
    expect(place.inside(...line.split(' ')), line).toMatchObject({ status: 0 });
  const has = () => task.inside('ip', 'link', 'add', 'wg0', 'type', 'wireguard').status === 0;
  const indexOf = (name: string) => Number(task.inside('cat', `/sys/class/net/${name}/ifindex`).stdout) || 0;
  const index = (name: string) =>
    Number(/^(\d+):/.exec(task.inside('ip', '-o', 'link', 'show', name).stdout)?.[1] ?? indexOf(name));

  function ask<T>(work: (socket: NetlinkSocket, type: number) => T): T {
    const netns = openSync(`/proc/${task.pid}/ns/net`, 'r');
    using socket = NetlinkSocket.open(NETLINK_GENERIC, netns);
    closeSync(netns);
    return work(socket, familyOf(socket, 'wireguard') ?? 0);
  }
  const set = (name: string, ...attributes: Attribute[]) =>
    ask((socket, type) =>
      socket.request(
        {
          type,
          flags: 0,
          body: Buffer.concat([
            genericHeader(SET),
            encodeAttributes([[IFINDEX, u32(index(name))], ...attributes]),
          ]),
        },
        `set ${name}`,
      ),
    );
  /** All settings of a device, and when its peers were last heard of. */
  function look(name: string) {
    const peers = new Map<
      string,
      { settings: Record<string, string>; addresses: string[]; heard: boolean }
    >();
    const device: Record<string, string> = {};
    for (const { body } of ask((socket, type) =>
      socket.dump(
        {
          type,
          flags: 0,
          body: Buffer.concat([genericHeader(GET), encodeAttributes([[IFINDEX, u32(index(name))]])]),
        },
        `get ${name}`,
      ),
    )) {
      const all = Attributes.parse(body.subarray(4));
      for (const type of [PRIVATE_KEY, LISTEN_PORT, FWMARK])
        device[type] = all.bytes(type)?.toString('hex') ?? '';
      for (const peer of all.nested(PEERS)?.nestedAll(0) ?? []) {
        const key = peer.bytes(KEY)?.toString('hex') ?? '';
        const known = peers.get(key) ?? { settings: {}, addresses: [], heard: false };
        peers.set(key, known);
        for (const type of [PRESHARED, ENDPOINT, KEEPALIVE])
          if (peer.has(type)) known.settings[type] = peer.bytes(type)?.toString('hex') ?? '';
        known.heard ||= peer.bytes(HANDSHAKE)?.some((byte) => byte !== 0) ?? false;
        for (const one of peer.nested(ADDRESSES)?.nestedAll(0) ?? [])
          known.addresses.push([1, 2, 3].map((type) => one.bytes(type)?.toString('hex')).join());
      }
    }
    for (const { addresses } of peers.values()) addresses.sort();
    return { device, peers };
  }
  const settings = (name: string) => {
    const { device, peers } = look(name);
    return {
      device,
      peers: [...peers].map(([key, { settings, addresses }]) => ({ key, settings, addresses })),
    };
  };
  function keys(): { own: Buffer; known: Buffer } {
    const { d = '', x = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    return { own: Buffer.from(d, 'base64url'), known: Buffer.from(x, 'base64url') };
  }
  async function cycle(): Promise<void> {
    const imagesDir = freshDir();
    await dump({ pid: task.pid, imagesDir });
    await free([task.pid]);
    await restore({ imagesDir, detached: true });
  }

  it('come back with keys, peers and all allowed addresses, and are in touch with their peers at once', async (ctx) => {
    if (!has()) return ctx.skip();
    run('ip link set lo up');
    run('ip link add wg1 mtu 1300 type wireguard');
    run('ip link add wg2 type wireguard');
    const [a, b, c] = [keys(), keys(), keys()];
    const shared = Buffer.alloc(32, 5);
    const many = Array.from({ length: 3000 }, (_, i) => allowed(2, 32, 10, 9, i >> 8, i & 255));
    set(
      'wg0',
      [PRIVATE_KEY, a.own],
      [LISTEN_PORT, u16(51001)],
      [FWMARK, u32(7)],
      [
        PEERS,
        [
          [
            0,
            [
              [KEY, b.known],
              [PRESHARED, shared],
              [ENDPOINT, endpoint(51002, 127, 0, 0, 1)],
              [KEEPALIVE, u16(25)],
              [ADDRESSES, [allowed(10, 64, 0xfd, ...Array(15).fill(0))]],
            ],
          ],
          [0, [[KEY, c.known]]],
        ],
      ],
    );
    for (let at = 0; at < many.length; at += 1000)
      set('wg0', [
        PEERS,
        [
          [
            0,
            [
              [KEY, c.known],
              [ADDRESSES, many.slice(at, at + 1000)],
            ],
          ],
        ],
      ]);
    set(
      'wg1',
      [PRIVATE_KEY, b.own],
      [LISTEN_PORT, u16(51002)],
      [
        PEERS,
        [
          [
            0,
            [
              [KEY, a.known],
              [PRESHARED, shared],
              [ADDRESSES, [allowed(2, 0, 0, 0, 0, 0)]],
            ],
          ],
        ],
      ],
    );
    run('ip addr add 10.77.0.1/24 dev wg0');
    run('ip link set wg1 up');
    run('ip link set wg0 up');
    const heard = () => look('wg0').peers.get(b.known.toString('hex'))?.heard === true;
    await until('a session', heard);
    const devices = () => ['wg0', 'wg1', 'wg2'].map((name) => settings(name));
    const links = () => task.inside('ip', '-d', 'addr').stdout;
    const [before, listed] = [devices(), links()];
    expect(before[0]?.peers.map(({ addresses }) => addresses.length)).toEqual([1, 3000]);
    // Where the kernel has learned it from the packets of the peer.
    expect(before[1]?.peers[0]?.settings[ENDPOINT]).toBe(endpoint(51001, 127, 0, 0, 1).toString('hex'));
    for (let i = 0; i < 2; i++) {
      await cycle();
      expect(devices()).toEqual(before);
      expect(links()).toEqual(listed);
      const begin = Date.now();
      await until('a session', heard);
      // A first packet that is lost is sent again after five seconds.
      if (!process.env.CI) expect(Date.now() - begin).toBeLessThan(4000);
    }
  });

  it('that were moved from where they were created are refused, and the task runs on', async (ctx) => {
    if (!has()) return ctx.skip();
    run('ip link add wg9 type wireguard', other);
    run(`ip link set wg9 netns ${task.pid}`, other);
    run('ip link set wg9 up');
    await expect(dump({ pid: task.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/WireGuard device wg9 was created in another network namespace/),
      remedy: expect.stringMatching(/--external netdev\[wg9\]:DEVICE/),
    });
    expect(task.inside('ip', 'link', 'show', 'wg9').stdout).toMatch(/UP/);
    await dump({
      pid: task.pid,
      imagesDir: freshDir(),
      leaveRunning: true,
      external: ['netdev[wg9]'],
    });
  });
});
