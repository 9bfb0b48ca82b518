// Options and multicast groups of sockets are as they were, whether or not CRIU's format has a field for them.
import { execFileSync } from 'node:child_process';
import { getLink, NetlinkSocket } from '@criu/native/netlink';
import { NETLINK_ROUTE } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump } from '../../src/operations.js';
import { parseIgmp, parseIgmp6 } from '../../src/proc/index.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';

enterOwnNetwork();
const DEVICE = makeDevice();
afterAll(cleanUp);

/** A device with addresses; what is sent over it to a group comes back to who is in the group. */
function makeDevice(): string {
  if (!isRoot) return '0';
  const ip = (...args: string[]) => execFileSync('ip', args);
  ip('link', 'add', 'group0', 'type', 'veth', 'peer', 'name', 'group1');
  ip('addr', 'add', '10.9.9.1/24', 'dev', 'group0');
  ip('addr', 'add', 'fd99::1/64', 'dev', 'group0', 'nodad');
  ip('link', 'set', 'group0', 'up');
  ip('link', 'set', 'group1', 'up');
  using route = NetlinkSocket.open(NETLINK_ROUTE);
  return String(getLink(route, 'group0').index);
}

const start = (name: string, env: Record<string, string> = {}) =>
  Victim.start(name, { DEVICE, ...env }, new URL(`victims/${name}.c`, import.meta.url));

async function comesBackTwice(name: string): Promise<void> {
  const victim = await start(name);
  try {
    expect(await victim.verify()).toBe('ok');
    for (let i = 0; i < 2; i++) {
      await roundTrip(victim, { tcpEstablished: true });
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('socket options (need root)', () => {
  it('every option that can be set and read is kept, twice in a row', () => comesBackTwice('options'));
  it('multicast groups and whom they listen to there are kept', () => comesBackTwice('groups'));

  it.each([
    ['md5', /signed/],
    ['repair', /TCP_REPAIR/],
    ['bpf', /BPF program/],
    ['tunnel', /tunnel/],
    ['cork', /UDP_CORK/],
    ['more', /MSG_MORE/],
    ['more of six', /MSG_MORE/],
  ])('what cannot be read is refused, and the task runs on: %s', async (what, reason) => {
    const victim = await start('unkept', { WHAT: what });
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(reason),
        object: { pid: victim.pid, fd: expect.any(Number) },
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)('CRIU 4.2 restores what it has fields for (needs CRIU_PEER)', async () => {
    const victim = await start('groups');
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      execFileSync(peer!, ['restore', '-d', '-D', imagesDir, '-o', 'peer.log'], { stdio: 'ignore' });
      expect(await victim.verify()).toMatch(/hears/);
    } finally {
      await victim.end();
    }
  });
});

describe('/proc/net/igmp and igmp6', () => {
  it('tell groups by device', () => {
    const text =
      'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n' +
      '1\tlo        :     2      V3\n\t\t\t\t030201EF     1 0:00000000\t\t0\n\t\t\t\t010000E0     1 0:00000000\t\t0\n' +
      '12\teth0      :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n';
    expect(parseIgmp(text).map(({ ifindex, group }) => [ifindex, group.join('.')])).toEqual([
      [1, '239.1.2.3'],
      [1, '224.0.0.1'],
      [12, '224.0.0.1'],
    ]);
    const six = '1    lo              ff020000000000000000000000000001     1 0000000C 0\ncut';
    expect(parseIgmp6(six)).toEqual([{ ifindex: 1, group: Buffer.from(`ff02${'0'.repeat(27)}1`, 'hex') }]);
    expect([...parseIgmp(''), ...parseIgmp6('')]).toEqual([]);
  });
});
