// What holds connections between dump and restore goes with the restore, whichever way and whoever has locked them.
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump, restore } from '../../src/operations.js';
import type { NetworkLock } from '../../src/options.js';
import { lockTables } from '../../src/resources/files/inet/lock.js';
import { cleanUp, isRoot, peer } from '../dump/victim.js';
import { until } from '../support.js';
import { packetFilters, TcpServer } from './tcp-server.js';

enterOwnNetwork();
afterAll(cleanUp);

const hasIptables = isRoot && spawnSync('iptables', ['-w', '-S']).status === 0;

/** What drops packets now; nothing without nft(8), when only the answers can tell. */
const drops = () => /^.*(?:CRIU|drop).*$/im.exec(packetFilters() ?? '')?.[0];

it('the table of a lock has the name that CRIU 4.2 cuts from a UUID', () => {
  expect(lockTables('3f0bdc9a-6ee8-4c0b-a3f6-1b8f0c2a9d11')[0]).toBe('CRIU-3f0bdc9a-6ee8-4c0b-a3');
  expect(lockTables('0123456789abcdef')).toEqual(['CRIU-0123456789abcdef']);
});

describe.skipIf(!isRoot)('the lock of a TCP server (needs root)', () => {
  let server: TcpServer;
  afterEach(() => server.end());

  async function ours(networkLock: NetworkLock): Promise<void> {
    await dump({ pid: server.pid, imagesDir: server.images, tcpEstablished: true, networkLock });
    await server.gone();
    expect(drops()).toEqual(networkLock === 'skip' || !packetFilters() ? undefined : expect.anything());
  }
  async function ourRestore(): Promise<void> {
    await restore({ imagesDir: server.images, detached: true, tcpEstablished: true });
    await server.ask('two', '2 TWO');
    expect(drops()).toBeUndefined();
  }
  async function theirs(networkLock: NetworkLock): Promise<void> {
    const how = ['--tcp-established', '--network-lock', networkLock, '-o', 'peer-dump.log'];
    execFileSync(peer!, ['dump', '-t', `${server.pid}`, '-D', server.images, ...how], { stdio: 'ignore' });
    await server.gone();
    expect(drops()).toEqual(networkLock === 'skip' ? undefined : expect.anything());
  }
  async function theirRestore(): Promise<void> {
    const how = ['--tcp-established', '-o', 'peer-restore.log'];
    execFileSync(peer!, ['restore', '-d', '-D', server.images, ...how], { stdio: 'ignore' });
    await server.ask('two', '2 TWO');
    expect(drops()).toBeUndefined();
  }

  describe.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('at %s', (host) => {
    beforeEach(async () => {
      server = await TcpServer.start(host);
    });

    it.skipIf(!hasIptables)('is made of iptables rules if asked to, and goes again', async () => {
      await ours('iptables');
      await ourRestore();
    });

    it.skipIf(!hasIptables)('of iptables rules goes when the tasks run on', async () => {
      const options = { pid: server.pid, imagesDir: server.images, tcpEstablished: true } as const;
      await dump({ ...options, networkLock: 'iptables', leaveRunning: true });
      await server.ask('two', '2 TWO');
      expect(drops()).toBeUndefined();
    });

    it('goes when connections come back closed, and their peers hear of it', async () => {
      await ours('nftables');
      await restore({ imagesDir: server.images, detached: true, tcpClose: true });
      expect(drops()).toBeUndefined();
      for (const client of server.clients) client.socket.write('two\n');
      await until('the clients are told', () => server.clients.every((client) => client.ended));
    });

    describe.skipIf(!peer)('with CRIU 4.2 (needs CRIU_PEER)', () => {
      const methods = (['nftables', 'iptables'] as const).filter((m) => m === 'nftables' || hasIptables);
      it.each(methods)('%s: CRIU locks, ours unlocks', async (method) => {
        await theirs(method);
        await ourRestore();
      });
      it.each(methods)('%s: ours locks, CRIU unlocks', async (method) => {
        await ours(method);
        await theirRestore();
      });
    });
  });

  it('is not there when the caller holds the network', async () => {
    server = await TcpServer.start('127.0.0.1');
    await ours('skip');
    await ourRestore();
  });
});
