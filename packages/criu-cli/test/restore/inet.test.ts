// Internet sockets that are no live connections: raw and ICMP ones, closed ones, and those that come back closed.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump, planRestore, restore, survey } from '../../src/operations.js';
import { parseNetSockets } from '../../src/proc/index.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';
import { packetFilters } from './tcp-server.js';

enterOwnNetwork();
afterAll(cleanUp);

const PING_GROUPS = '/proc/sys/net/ipv4/ping_group_range';
const PING_GROUP = '5';

const start = (name: string) =>
  Victim.start(name, { PING_GROUP }, new URL(`victims/${name}.c`, import.meta.url));

/** With ICMP sockets allowed to one group, which is not ours. */
async function withPingGroup(work: () => Promise<void>): Promise<void> {
  const before = readFileSync(PING_GROUPS, 'latin1');
  writeFileSync(PING_GROUPS, `${PING_GROUP} ${PING_GROUP}`);
  try {
    await work();
  } finally {
    writeFileSync(PING_GROUPS, before);
  }
}

describe.skipIf(!isRoot)('internet sockets (need root)', () => {
  it('raw and ICMP sockets keep options and peers, closed connections what was not read', () =>
    withPingGroup(async () => {
      const victim = await start('internet');
      try {
        expect(await victim.verify()).toBe('ok');
        for (let i = 0; i < 2; i++) {
          await roundTrip(victim);
          expect(await victim.verify()).toBe('ok');
        }
      } finally {
        await victim.end();
      }
    }));

  it('an ICMP socket that nobody may have any more is an error that says so', () =>
    withPingGroup(async () => {
      const victim = await start('internet');
      try {
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir });
        await free([victim.pid]);
        writeFileSync(PING_GROUPS, '1 0');
        const refused = { code: 'NOT_PERMITTED', remedy: expect.stringContaining('ping_group_range') };
        expect((await survey({ imagesDir })).problems).toContainEqual(expect.objectContaining(refused));
        await expect(restore({ imagesDir })).rejects.toMatchObject(refused);
      } finally {
        await victim.end();
      }
    }));

  it('connections come back closed with --tcp-close, and stay so', async () => {
    const victim = await start('connected');
    try {
      for (let i = 0; i < 2; i++) {
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir, tcpClose: true });
        await free([victim.pid]);
        if (i === 0)
          await expect(planRestore({ imagesDir, tcpEstablished: true })).rejects.toMatchObject({
            code: 'BAD_OPTION',
            remedy: expect.stringContaining('--tcp-close'),
          });
        await restore({ imagesDir, detached: true, tcpClose: true });
        expect(await victim.verify()).toBe('ok');
      }
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('share a port again, and lose connections that wait to be accepted only with leave', async () => {
    const victim = await start('listening');
    try {
      const imagesDir = freshDir();
      const options = { pid: victim.pid, tcpClose: true };
      await expect(dump({ ...options, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        remedy: expect.stringContaining('--skip-in-flight'),
      });
      await dump({ ...options, imagesDir, skipInFlight: true });
      await free([victim.pid]);
      await restore({ imagesDir, detached: true, tcpClose: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)('a raw socket goes to CRIU 4.2 and back (needs CRIU_PEER)', () =>
    withPingGroup(async () => {
      // CRIU makes ICMP sockets as itself.
      writeFileSync(PING_GROUPS, `0 ${PING_GROUP}`);
      const victim = await start('internet');
      try {
        const [first, second] = [freshDir(), freshDir()];
        await dump({ pid: victim.pid, imagesDir: first });
        await free([victim.pid]);
        const common = ['--tcp-established', '-v4', '-o', 'peer.log'];
        execFileSync(peer!, ['restore', '-d', '-D', first, ...common], { stdio: 'ignore' });
        execFileSync(peer!, ['dump', '-t', `${victim.pid}`, '-D', second, ...common], { stdio: 'ignore' });
        await free([victim.pid]);
        await restore({ imagesDir: second, detached: true });
        // CRIU locks connections that are closed, too.
        expect(packetFilters() ?? '').not.toMatch(/drop|CRIU/i);
        // It does not keep peers without ports, which are looked for first.
        expect(await victim.verify()).toMatch(/has_peer\(raw4\)/);
      } finally {
        await victim.end();
      }
    }),
  );
});

describe('/proc/net/raw and its like', () => {
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref\n';
  it('tell state and peer of IPv4 and IPv6 sockets', () => {
    const v4 =
      '    1: 0100007F:0001 0200007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 4096 2 0000000000000000 0\n';
    const v6 =
      '   58: 00000000000000000000000000000000:003A 0000000000000000FFFF00000100007F:0000 07 00000000:00000000 00:00000000 00000000     0        0 77 2 0000000000000000 0\n';
    expect(parseNetSockets(head + v4 + v6)).toEqual([
      { ino: 4096n, state: 1, remote: [0x0200007f], remotePort: 80 },
      { ino: 77n, state: 7, remote: [0, 0, 0xffff0000, 0x0100007f], remotePort: 0 },
    ]);
  });
  it('have nothing to say in lines that are not complete', () => {
    expect(parseNetSockets(`${head}    1: 0100007F:0001 0200\n`)).toEqual([]);
    expect(parseNetSockets('')).toEqual([]);
  });
});
