import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

const AUTH = ['auth-trunc', 'hmac(sha256)', `0x${'0b'.repeat(32)}`, '128'];
const CIPHER = ['enc', 'cbc(aes)', `0x${'0c'.repeat(16)}`];
const AEAD = ['aead', 'rfc4106(gcm(aes))', `0x${'0d'.repeat(20)}`, '128'];
const state = (line: string, ...more: string[]) => ['ip', 'xfrm', 'state', ...line.split(' '), ...more];

/** What a kernel cannot make is left out. */
const STATES = [
  state(
    'add src 127.0.0.1 dst 127.0.0.2 proto esp spi 0x1001 reqid 1 mode transport replay-window 32',
    ...AUTH,
    ...CIPHER,
  ),
  state(
    'add src 127.0.0.2 dst 127.0.0.1 proto esp spi 0x1002 reqid 2 mode transport flag esn replay-window 128',
    ...AEAD,
  ),
  state(
    'add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1003 reqid 3 mode tunnel flag af-unspec',
    ...AEAD,
    ...'encap espinudp 4500 4501 0.0.0.0 mark 5 mask 0xff if_id 7 output-mark 9 mask 0xf'.split(' '),
  ),
  state(
    'add src fd00::1 dst fd00::2 proto ah spi 0x1004 reqid 4 mode tunnel',
    ...AUTH,
    ...'sel src fd01::/64 dst fd02::/64 limit byte-hard 100000 limit packet-soft 500 limit time-hard 90000'.split(
      ' ',
    ),
  ),
  state('add src 10.0.0.1 dst 10.0.0.3 proto comp spi 0x5 reqid 5 mode tunnel comp deflate'),
  state('add src 10.0.0.1 dst 10.0.0.4 proto esp spi 0x1006 reqid 6 mode beet', ...AUTH, ...CIPHER),
  state('allocspi src 10.0.0.1 dst 10.0.0.5 proto esp reqid 7 mode tunnel min 0x2000 max 0x2000'),
];
const POLICIES = [
  'src 127.0.0.1 dst 127.0.0.2 proto udp dir out tmpl src 127.0.0.1 dst 127.0.0.2 proto esp reqid 1 mode transport',
  'src 127.0.0.1 dst 127.0.0.2 proto udp dir in tmpl src 127.0.0.1 dst 127.0.0.2 proto esp reqid 1 mode transport',
  'src 127.0.0.2 dst 127.0.0.1 proto udp dir out tmpl src 127.0.0.2 dst 127.0.0.1 proto esp reqid 2 mode transport',
  'src 127.0.0.2 dst 127.0.0.1 proto udp dir in tmpl src 127.0.0.2 dst 127.0.0.1 proto esp reqid 2 mode transport',
];

describe.skipIf(!hasIp)('states of IPsec (needs root, ip, and a kernel with ESP)', () => {
  const task = sleeper();
  const { inside } = task;
  const told = (...command: string[]) => inside(...command).stdout;
  /**
   * All states with what they have counted, in the order of their creation. Without when they were used last, and without the
   * age of those that have no keys: the kernel's own tunnel for compression, and the one that is only reserved.
   */
  const states = () =>
    told('ip', '-s', '-d', 'xfrm', 'state')
      .replace(/^\s*lastused .*\n/gm, '')
      .split(/^(?=src)/m)
      .map((one) => (/proto 4 |spi 0x00002000/.test(one) ? one.replace(/add \S+ \S+/, '') : one));
  const disable = 'net/ipv4/conf/lo/disable_xfrm';
  /** Sends datagrams in both directions. */
  const talk = (times: number) => {
    const to = (host: string, from: string) =>
      `const s = require('dgram').createSocket('udp4'); s.bind(0, '${from}', () => { let n = ${times}; const next = () => n-- ? s.send('x', 9, '${host}', next) : s.close(); next(); });`;
    for (const [host, from] of [
      ['127.0.0.2', '127.0.0.1'],
      ['127.0.0.1', '127.0.0.2'],
    ] as const)
      expect(inside(process.execPath, '-e', to(host, from))).toMatchObject({ status: 0 });
  };
  /** Packets that arrived at no port, so that they have passed all states. */
  const arrived = () =>
    Number(
      /^Udp: \d+ (\d+)/m.exec(told('cat', '/proc/thread-self/net/snmp').replace(/^Udp: In.*\n/m, ''))?.[1],
    );
  const errors = () => told('cat', '/proc/thread-self/net/xfrm_stat').match(/Error|[1-9]\d*$/gm);

  it('come back with their keys, sequence numbers, windows and what is used of their life', async (ctx) => {
    inside('ip', 'link', 'set', 'lo', 'up');
    const failed = STATES.filter((line) => inside(...line).status !== 0);
    if (failed.includes(STATES[0] ?? [])) return ctx.skip();
    for (const line of POLICIES)
      expect(inside('ip', 'xfrm', 'policy', 'add', ...line.split(' ')), line).toMatchObject({ status: 0 });
    // Packets of the loopback device pass the policies only when they are told to.
    inside('sh', '-c', `echo 0 >/proc/sys/${disable}; echo 0 >/proc/sys/net/ipv4/conf/lo/disable_policy`);
    talk(3);
    const before = states();
    expect(before.join()).toMatch(/oseq 0x3,/);
    expect(before.join()).toMatch(/6\(packets\)/);
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(states()).toEqual(before);
    }
    const [was, wrong] = [arrived(), errors()];
    talk(2);
    expect(arrived() - was).toBe(4);
    expect(errors()).toEqual(wrong);
    expect(states().join()).toMatch(/oseq 0x5,/);
  });
});
