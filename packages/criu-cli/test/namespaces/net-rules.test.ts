import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

describe.skipIf(!hasIp)('a network namespace with rules about packets (needs root and ip)', () => {
  const task = sleeper();
  const { inside } = task;
  const told = (...command: string[]) => inside(...command).stdout;
  const run = (line: string) => expect(inside(...line.split(' ')), line).toMatchObject({ status: 0 });

  /** What this kernel cannot make is left out: which kinds of filters there are is a question of its configuration. */
  const FILTERS = [
    'tc filter add dev v1 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.0/8 flowid 1:10',
    'tc filter add dev v1 parent 1: protocol ip prio 2 handle 10: u32 divisor 16',
    'tc filter add dev v1 parent 1: protocol ip prio 2 u32 ht 800:: match ip protocol 6 0xff hashkey mask 0xff at 12 link 10:',
    'tc filter add dev v1 parent 1: protocol ip prio 2 u32 ht 10:5: match ip src 10.1.1.5/32 flowid 1:10',
    'tc filter add dev v1 parent 1:10 protocol ip prio 3 u32 match u32 7 ff at 4 flowid 1:10',
    'tc filter add dev v0 ingress protocol all prio 5 u32 match u32 0 0 action mirred egress mirror dev v1',
    'tc filter add dev v0 ingress protocol ip prio 6 u32 match u32 9 ff at 4 action mirred index 1',
    'tc filter add dev v0 egress protocol ip prio 7 bpf bytecode 1,6,0,0,4294967295 flowid 1:1',
  ];
  const DISCIPLINES = [
    'tc qdisc add dev v1 root handle 1: htb default 10',
    'tc class add dev v1 parent 1: classid 1:10 htb rate 10mbit',
    'tc qdisc add dev v0 clsact',
  ];

  it('comes back with filters of traffic control and their actions', async (ctx) => {
    run('ip link add v0 type veth peer name v1');
    if (DISCIPLINES.some((line) => inside(...line.split(' ')).status !== 0)) return ctx.skip();
    const words = (line: string) => line.split(' ').map((word) => word.replace(/^1,6,0,0,/, '1,6 0 0 '));
    const failed = FILTERS.filter((line) => inside(...words(line)).status !== 0);
    if (failed.length === FILTERS.length) return ctx.skip();
    const filters = () =>
      ['v1 parent 1:', 'v1 parent 1:10', 'v0 ingress', 'v0 egress'].flatMap((place) =>
        told('tc', '-d', 'filter', 'show', 'dev', ...place.split(' '))
          .split('\n')
          .map((line) => `${place}: ${line.trim()}`)
          .sort(),
      );
    const before = filters();
    expect(before.filter((line) => line.includes('flowid 1:10')).length).toBeGreaterThan(2);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(filters()).toEqual(before);
    }
  });

  it('with filters that cannot be made again is refused, and runs on', async (ctx) => {
    run('ip link add v0 type veth peer name v1');
    if (DISCIPLINES.some((line) => inside(...line.split(' ')).status !== 0)) return ctx.skip();
    const filter = 'filter add dev v0 egress chain 5 protocol ip prio 1 u32 match ip dst 10.0.0.0/8';
    if (inside('tc', ...filter.split(' ')).status !== 0) return ctx.skip();
    await expect(dump({ pid: task.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /device v0 has filters of traffic control \(u32, in a chain of its own\)/,
      ),
      remedy: expect.stringMatching(/tc qdisc del dev v0/),
    });
    expect(told('cat', `/proc/${task.pid}/stat`)).toMatch(/ S /);
  });

  const IPSEC = [
    'ip xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out priority 7 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 5 mode tunnel',
    'ip xfrm policy add src 10.1.0.0/24 dst 10.9.0.0/24 dir out priority 7',
    'ip xfrm policy add src 10.3.0.0/24 dst 10.2.0.0/24 dir in action block priority 8 mark 5 mask 0xff',
    'ip -6 xfrm policy add src fd01::/64 dst fd02::/64 dir fwd index 0x7a',
    'ip xfrm policy set hthresh4 24 30',
    'ip xfrm policy setdefault in block',
  ];

  it('comes back with policies of IPsec, and what happens without one', async (ctx) => {
    inside('ip', 'link', 'set', 'lo', 'up');
    const failed = IPSEC.filter((line) => inside(...line.split(' ')).status !== 0);
    if (failed.length === IPSEC.length) return ctx.skip();
    const ipsec = () => [
      told('ip', '-d', 'xfrm', 'policy').replace(/index \d+/g, ''),
      told('ip', 'xfrm', 'policy', 'getdefault'),
      told('ip', '-s', '-s', 'xfrm', 'policy', 'count'),
    ];
    const before = ipsec();
    expect(before[0]).toMatch(/reqid 5 mode tunnel/);
    expect(failed.some((line) => line.includes('setdefault')) || /block/.test(before[1] ?? '')).toBe(true);
    expect(failed.some((line) => line.includes('hthresh')) || /24/.test(before[2] ?? '')).toBe(true);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(ipsec()).toEqual(before);
    }
  });

  it('comes back with endpoints of MPTCP and their limits', async (ctx) => {
    run('ip link set lo up');
    run('ip addr add 10.0.0.5/32 dev lo');
    const commands = [
      'ip mptcp endpoint add 127.0.0.9 id 7 subflow',
      'ip mptcp endpoint add 10.0.0.5 id 9 signal port 7777 dev lo',
      'ip mptcp endpoint add fd00::3 backup fullmesh',
      'ip mptcp limits set subflows 3 add_addr_accepted 1',
    ];
    // Not every kernel has MPTCP.
    if (commands.some((line) => inside(...line.split(' ')).status !== 0)) return ctx.skip();
    const mptcp = () => told('ip', 'mptcp', 'endpoint') + told('ip', 'mptcp', 'limits');
    const before = mptcp();
    expect(before).toMatch(/10\.0\.0\.5 port 7777 id 9 signal dev lo/);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(mptcp()).toEqual(before);
    }
  });

  /** Each command, and what a dump then says of it. */
  const REFUSED = [
    [
      'ip xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out priority 7 limit time-hard 1000',
      'a policy of IPsec that ends after a time',
      'ip xfrm policy flush',
    ],
  ] as const;
  for (const [command, what, remedy] of REFUSED)
    it(`with ${what} is refused, and dumped without them`, async (ctx) => {
      inside('ip', 'link', 'set', 'lo', 'up');
      // Not every kernel has that.
      if (inside(...command.split(' ')).status !== 0) return ctx.skip();
      await expect(dump({ pid: task.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(new RegExp(`network namespace has ${what}`)),
        remedy: expect.stringMatching(new RegExp(remedy)),
      });
      inside(...remedy.split(' '));
      await dump({ pid: task.pid, imagesDir: freshDir(), leaveRunning: true });
    });
});
