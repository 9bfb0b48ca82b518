import { type Attribute, encodeAttributes, text } from '@criu/native/netlink';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { actionAsked } from '../../src/resources/namespaces/net/actions.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

const DEVICES = [
  'ip link add v0 type veth peer name v1',
  'tc qdisc add dev v0 clsact',
  'tc qdisc add dev v1 root handle 1: htb default 10',
  'tc class add dev v1 parent 1: classid 1:10 htb rate 10mbit',
];
/** What this kernel cannot make is left out. */
const ACTIONS = [
  'action mirred egress redirect dev v1 index 70',
  'action gact drop index 71',
  'action gact pass random netrand drop 5 index 72 cookie 0102',
  'action police rate 8mbit burst 20k mtu 3000 conform-exceed drop/pipe index 73',
  'action police pkts_rate 1000 pkts_burst 200 conform-exceed drop index 74',
  'action vlan push id 7 protocol 802.1ad priority 3 index 75',
  'action skbedit priority 1:10 mark 7 ptype host index 76',
  'action pedit ex munge ip ttl add 0xff pipe index 77',
  'action csum ip4h tcp index 78',
  'action nat ingress 10.0.0.1/32 10.0.0.2 index 79',
  'action connmark zone 5 index 80',
  'action sample rate 12 group 4 trunc 96 index 81',
  'action simple sdata something index 82',
  'action skbmod set dmac 02:00:00:00:00:09 index 83',
  'action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 7 dst_port 6081 geneve_opts 0102:80:00880022 index 84',
  'action mpls push label 77 ttl 9 index 85',
  'action ct commit zone 5 mark 3 index 86',
  'action ctinfo dscp 0xfc000000 0x01000000 index 87',
  'action bpf bytecode 1,6_0_0_2 index 88',
];
const FILTERS = [
  'dev v0 ingress chain 7 protocol ip prio 1 flower ip_proto tcp dst_port 80 action gact drop',
  'dev v0 ingress protocol ip prio 1 handle 0x5 flower dst_ip 10.1.0.0/16 src_mac 02:00:00:00:00:01 ip_proto udp src_port 100-200 action gact goto chain 7',
  'dev v0 ingress protocol 802.1q prio 2 flower vlan_id 5 vlan_ethtype ipv6 dst_ip fd00::/64 skip_hw action vlan pop action mirred egress redirect dev v1',
  'dev v0 ingress protocol ip prio 4 flower ct_state +trk+est ip_flags frag action gact pass',
  'dev v0 ingress protocol ip prio 8 flower enc_src_ip 10.0.0.1 enc_key_id 9 enc_dst_port 6081 geneve_opts 0102:80:00880022/ffff:ff:ffffffff action tunnel_key unset',
  'dev v0 egress protocol all prio 3 matchall action police rate 1mbit burst 10k peakrate 2mbit mtu 1500 conform-exceed drop',
  'dev v0 egress protocol all prio 4 matchall action gact index 71',
  'dev v0 egress protocol ip prio 5 basic match cmp(u8_at_0_layer_0_mask_0xff_gt_4) action gact pass',
  'dev v1 parent 1: protocol ip prio 6 handle 7 fw classid 1:10',
  'dev v1 parent 1: protocol ip prio 7 handle 1 flow map key mark divisor 8 baseclass 1:10',
  'dev v0 ingress protocol ip prio 9 u32 match ip dst 10.0.0.0/8 action mirred index 70',
];
const CHAINS = ['dev v0 ingress chain 20', 'dev v0 ingress chain 21 protocol ip flower dst_ip 0.0.0.0/16'];

it('an action has tables for its rates in a request, which the kernel does not tell', () => {
  const police = Buffer.alloc(64);
  police.writeUInt32LE(125000, 20 + 8); // rate.rate
  police.writeInt32LE(2, 44); // refcnt
  const listed = encodeAttributes([
    [1, text('police')],
    [
      2,
      [
        [1, police],
        [6, Buffer.alloc(32)],
      ],
    ],
  ]);
  const [, [, options] = []] = actionAsked(listed);
  const bytes = encodeAttributes(options as Attribute[]);
  // TCA_POLICE_TBF without users, and TCA_POLICE_RATE; no times.
  expect(bytes.readUInt16LE(2)).toBe(1);
  expect(bytes.readInt32LE(4 + 44)).toBe(0);
  expect(bytes.readUInt16LE(68 + 2)).toBe(2);
  expect(bytes.length).toBe(68 + 4 + 1024);
});

describe.skipIf(!hasIp)('traffic control of a network namespace (needs root, ip and tc)', () => {
  const task = sleeper();
  /** Words of a command; those that have blanks themselves have `_` there. */
  const words = (line: string) =>
    line.split(' ').map((word) => (/^(1,|cmp)/.test(word) ? word.replaceAll('_', ' ') : word));
  const tc = (...line: string[]) => task.inside('tc', ...line);
  /** What is listed, entry by entry: chains are listed in the order of their creation, which has no meaning. */
  const look = (...line: string[]) =>
    tc(...line)
      .stdout.replace(/(installed|used|firstused) \d+ sec/g, '')
      .replace(/[ \t]+$/gm, '')
      .split(/^(?=filter|chain|total)/m)
      .sort();
  const kinds = [...new Set(ACTIONS.map((line) => line.split(' ')[1] ?? ''))];
  const everything = () => [
    ...kinds.flatMap((kind) => look('-d', 'actions', 'list', 'action', kind)),
    ...['v0 ingress', 'v0 egress', 'v1 parent 1:'].flatMap((place) => [
      ...look('-d', 'filter', 'show', 'dev', ...place.split(' ')),
      ...look('chain', 'show', 'dev', ...place.split(' ')),
    ]),
  ];

  it('comes back with filters, chains, and actions with and without filters', async (ctx) => {
    if (DEVICES.some((line) => task.inside(...line.split(' ')).status !== 0)) return ctx.skip();
    for (const [what, lines] of [
      ['actions', ACTIONS],
      ['chain', CHAINS],
      ['filter', FILTERS],
    ] as const)
      for (const line of lines) tc(what, 'add', ...words(line));
    const before = everything();
    // The kernel of each distribution has this one.
    expect(before.join('\n')).toMatch(/mirred \(Egress Redirect to device v1\)/);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(everything()).toEqual(before);
    }
  });

  it('is refused with an action that cannot be made again, and dumped without it', async (ctx) => {
    const gate =
      'action gate clockid CLOCK_TAI sched-entry open 200000000 -1 -1 sched-entry close 100000000 index 5';
    if (tc('actions', 'add', ...gate.split(' ')).status !== 0) return ctx.skip();
    await expect(dump({ pid: task.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/actions of traffic control \(action gate\)/),
      remedy: expect.stringMatching(/tc actions flush action KIND/),
    });
    tc('actions', 'flush', 'action', 'gate');
    await dump({ pid: task.pid, imagesDir: freshDir(), leaveRunning: true });
  });
});
