// What network namespaces have beside devices: IP sets, and addresses of the link layer that somebody has added.
import { spawnSync } from 'node:child_process';
import { SysError } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { type Attribute, Attributes, NetlinkSocket, netfilterMessage, text, u8 } from '@criu/native/netlink';
import { EINVAL, ENOENT, EPERM, EPROTONOSUPPORT, NETLINK_NETFILTER } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { ask } from '../../src/resources/namespaces/net/refused.js';
import { mayHaveTable } from '../../src/resources/namespaces/net/traffic.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';
import { sleeper } from './sleeper.js';

afterAll(cleanUp);

describe('what the kernel answers when it is asked for what cannot be kept', () => {
  const answers = (errno: number) => () => {
    throw new SysError('list', errno);
  };
  it('is a list, or that it has no such part', () => {
    expect(ask('endpoints of MPTCP', () => [1])).toEqual([1]);
    for (const errno of [EPROTONOSUPPORT, ENOENT])
      expect(ask('endpoints of MPTCP', answers(errno))).toEqual([]);
    expect(ask('states and policies of IPsec', answers(EPROTONOSUPPORT))).toEqual([]);
  });
  it('is an error otherwise, not that there is nothing', () => {
    for (const errno of [EPERM, EINVAL])
      expect(() => ask('states and policies of IPsec', answers(errno))).toThrow(CriuError);
    expect(() => ask('states and policies of IPsec', answers(ENOENT))).toThrow(
      /cannot look whether its network namespace has states and policies of IPsec/,
    );
  });
});

it('delays of netem that vary may do so by a table, which nobody can read', () => {
  /** Options of netem: struct tc_netem_qopt with a jitter, and attributes. */
  const options = (jitter: number, ...more: Buffer[]) => {
    const fixed = Buffer.alloc(24);
    fixed.writeUInt32LE(jitter, 20);
    return Buffer.concat([fixed, ...more]);
  };
  const attribute = (type: number, content: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(4 + content.length, 0);
    head.writeUInt16LE(type, 2);
    return Buffer.concat([head, content]);
  };
  const long = (value: bigint, at = 0, size = 8) => {
    const bytes = Buffer.alloc(size);
    bytes.writeBigInt64LE(value, at);
    return bytes;
  };
  expect(mayHaveTable(options(0))).toBe(false);
  expect(mayHaveTable(options(5))).toBe(true);
  expect(mayHaveTable(options(0, attribute(11, long(0n))))).toBe(false);
  expect(mayHaveTable(options(0, attribute(11, long(7n))))).toBe(true);
  expect(mayHaveTable(options(0, attribute(12, long(9n, 0, 40))))).toBe(false);
  expect(mayHaveTable(options(0, attribute(12, long(9n, 24, 40))))).toBe(true);
});

describe.skipIf(!isRoot)('a network namespace (needs root)', () => {
  const task = sleeper();
  const { inside } = task;

  async function cycle(): Promise<void> {
    const imagesDir = freshDir();
    await dump({ pid: task.pid, imagesDir });
    await free([task.pid]);
    await restore({ imagesDir, detached: true });
  }

  describe('with IP sets', () => {
    const [IPSET, CREATE, LIST, ADD] = [6, 2, 7, 9];
    /** NLA_F_NET_BYTEORDER, as ipset(8) has it. */
    const ORDER = 0x4000;
    const open = () => {
      const netns = openSync(`/proc/${task.pid}/ns/net`, 'r');
      try {
        return NetlinkSocket.open(NETLINK_NETFILTER, netns);
      } finally {
        closeSync(netns);
      }
    };
    const message = (command: number, attributes: readonly Attribute[]) =>
      netfilterMessage(IPSET, command, 0, 2, [[1, u8(6)], ...attributes]);
    const word = (value: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    };
    const data = (...attributes: Attribute[]): Attribute => [7, attributes];
    const address = (...bytes: number[]): Attribute => [1, [[1 | ORDER, Buffer.from(bytes)]]];
    const create = (name: string, kind: string, revision: number, ...with_: Attribute[]) =>
      message(CREATE, [
        [2, text(name)],
        [3, text(kind)],
        [4, u8(revision)],
        [5, u8(kind === 'list:set' ? 0 : 2)],
        data(...with_),
      ]);
    const add = (name: string, ...of: Attribute[]) => message(ADD, [[2, text(name)], data(...of)]);
    /** All sets and elements that are listed, each a text, without the time that elements have left. */
    const listed = (): string[] => {
      using socket = open();
      const hex = (bytes: Buffer | undefined) => {
        const digits = bytes?.toString('hex').replace(/080006400000[0-9a-f]{4}/g, 'time') ?? '';
        // The memory of a set, and how many buckets it has grown to: both go by the random seed of its hash.
        return digits.replace(/08001[2a]40[0-9a-f]{8}/g, '');
      };
      return socket
        .dump(message(LIST, []), 'list')
        .flatMap(({ body }) => {
          const set = Attributes.parse(body.subarray(4));
          const made = set.has(7) ? [`${set.text(3)} ${set.u8(4)} ${hex(set.bytes(7))}`] : [];
          const elements = set.nested(8)?.all(7) ?? [];
          return [...made, ...elements.map(hex)].map((line) => `${set.text(2)}: ${line}`);
        })
        .sort();
    };

    it('has them again, those in others too, with elements, counters, comments and times', async (ctx) => {
      using socket = open();
      const many = Array.from({ length: 3000 }, (_, i) => add('many', address(10, 9, i >> 8, i & 255)));
      const requests = [
        create('kept', 'hash:ip', 4, [6 | ORDER, word(3000)], [8 | ORDER, word(8 | 16 | 32)]),
        add('kept', address(10, 0, 0, 1), [26, text('a comment')], [24 | ORDER, Buffer.alloc(8, 1)]),
        add('kept', address(10, 0, 0, 2), [6 | ORDER, word(0)]),
        create(
          'ports',
          'bitmap:port',
          3,
          [4 | ORDER, Buffer.from([0, 100])],
          [5 | ORDER, Buffer.from([0, 200])],
        ),
        add('ports', [4 | ORDER, Buffer.from([0, 150])]),
        create('seeded', 'hash:net', 0, [17 | ORDER, word(0x12345)]),
        create('many', 'hash:ip', 0),
        ...many,
        create('all', 'list:set', 0),
        add('all', [18, text('many')]),
        add('all', [18, text('kept')]),
      ];
      const outcomes = socket.each(requests.map((one) => ({ ...one, what: 'set' })));
      // Not every kernel has sets, or all of their kinds.
      if (outcomes.some((error) => error !== undefined)) return ctx.skip();
      const before = listed();
      expect(before.length).toBeGreaterThan(3000);
      for (let i = 0; i < 2; i++) {
        await cycle();
        expect(listed()).toEqual(before);
      }
    });

    it('has them for rules that look into them', async (ctx) => {
      {
        using socket = open();
        const [failed] = socket.each([{ ...create('looked', 'hash:ip', 0), what: 'set' }]);
        const rule = ['-A', 'INPUT', '-m', 'set', '--match-set', 'looked', 'src', '-j', 'DROP'];
        if (failed || inside('iptables-legacy', ...rule).status !== 0) return ctx.skip();
      }
      await cycle();
      expect(inside('iptables-legacy', '-S').stdout).toContain('--match-set looked src');
    });
  });

  it.skipIf(spawnSync('bridge', ['-V']).status !== 0)(
    'has link addresses that somebody has added: groups, those of devices, those of bridges',
    async () => {
      const commands = [
        'ip link add br0 type bridge',
        'ip link add v0 type veth peer name v1',
        'ip link set v0 master br0',
        'ip link set br0 up',
        'ip link set v0 up',
        'ip link set v1 up',
        'ip maddr add 33:33:00:00:77:77 dev v1',
        // IPv6 and IPv4 have these by themselves.
        'ip maddr add 33:33:00:00:00:01 dev v1',
        'ip maddr add 01:00:5e:00:00:01 dev v0',
        'bridge fdb add 02:00:00:00:11:15 dev v1 self permanent',
        'bridge fdb add 02:00:00:00:11:12 dev v0 master permanent',
        'bridge fdb add 02:00:00:00:11:13 dev v0 master static',
        'bridge fdb add 02:00:00:00:11:14 dev br0 self permanent',
      ];
      expect(commands.filter((line) => inside(...line.split(' ')).status !== 0)).toEqual([]);
      const look = () => {
        const { stdout: groups } = inside('cat', '/proc/net/dev_mcast');
        const { stdout: entries } = inside('bridge', 'fdb');
        return {
          groups: [...groups.matchAll(/^\d+\s+(\w+)\s+\d+\s+1\s+(\w+)$/gm)].map(([, ...one]) => one).sort(),
          entries: entries
            .split('\n')
            .filter((line) => line.startsWith('02:00:00:00:11'))
            .sort(),
        };
      };
      const before = look();
      expect([before.groups.length, before.entries.length]).toEqual([3, 4]);
      for (let i = 0; i < 2; i++) {
        await cycle();
        expect(look()).toEqual(before);
      }
    },
  );
});
