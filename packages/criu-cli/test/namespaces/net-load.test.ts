// Servers under load in network namespaces, dumped and restored again and again: no connection is lost, nobody sends a reset.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { Client, TcpServer } from '../restore/tcp-server.js';
import { family, freshDir, until } from '../support.js';
import { free, start } from './cycle.js';

enterOwnNetwork();
afterAll(cleanUp);

const CYCLES = 10;
const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasIp = isRoot && works('ip', '-V');
const hasNft = isRoot && works('nft', 'list', 'ruleset');
const ip = (...args: string[]) => execFileSync('ip', args);

/** Resets that a network namespace has sent, and connections that were reset, since it was made. */
function resets(pid: number | 'self'): number {
  const lines = readFileSync(`/proc/${pid}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'));
  const [names = [], values = []] = lines.map((line) => line.split(' '));
  return Number(values[names.indexOf('OutRsts')]) + Number(values[names.indexOf('EstabResets')]);
}

/** Numbers (nlmsg_seq) of the netlink messages that images of tracked connections have. */
function sequences(imagesDir: string): Set<number> {
  const numbers = new Set<number>();
  for (const name of readdirSync(imagesDir).filter((one) => one.startsWith('netns-ct-'))) {
    const bytes = readFileSync(join(imagesDir, name));
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at)) numbers.add(bytes.readUInt32LE(at + 8));
  }
  return numbers;
}

async function cycle(pid: number, external: readonly string[] = []): Promise<string> {
  const imagesDir = freshDir();
  const pids = family(pid);
  await dump({ pid, imagesDir, tcpEstablished: true });
  await free(pids);
  await restore({ imagesDir, detached: true, tcpEstablished: true, external });
  return imagesDir;
}

describe.skipIf(!hasIp)('a server under load (needs root and ip)', () => {
  it('and its clients, in two namespaces joined by veth, lose nothing in ten cycles', async () => {
    const victim = await start('net-load');
    try {
      const [server, client] = family(victim.pid).slice(1);
      const own = readlinkSync('/proc/self/ns/net');
      await until('both are in a namespace of their own', () =>
        [server, client].every((pid) => readlinkSync(`/proc/${pid}/ns/net`) !== own),
      );
      ip(
        'link',
        'add',
        'eth0',
        'netns',
        `${server}`,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        `${client}`,
      );
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < CYCLES; i++) {
        await cycle(victim.pid);
        expect(await victim.verify()).toBe('ok');
        for (const pid of family(victim.pid).slice(1)) expect(resets(pid)).toBe(0);
      }
    } finally {
      await victim.end();
    }
  }, 120_000);

  it.skipIf(!hasNft)(
    'behind a bridge and a translation of its port keeps its clients in ten cycles',
    async () => {
      ip('link', 'add', 'br0', 'type', 'bridge');
      ip('addr', 'add', '10.79.0.1/24', 'dev', 'br0');
      ip('link', 'set', 'br0', 'up');
      const server = await TcpServer.start('0.0.0.0', { inNetwork: true });
      const clients: Client[] = [];
      try {
        const { pid } = server;
        const inside = (...command: string[]) => execFileSync('nsenter', ['-t', `${pid}`, '-n', ...command]);
        ip('link', 'add', 'outer', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${pid}`);
        ip('link', 'set', 'outer', 'master', 'br0', 'up');
        inside('ip', 'addr', 'add', '10.79.0.2/24', 'dev', 'eth0');
        inside('ip', 'link', 'set', 'eth0', 'up');
        inside('nft', 'add table ip nat; add chain ip nat in { type nat hook prerouting priority -100; }');
        inside('nft', `add rule ip nat in tcp dport 80 redirect to :${server.port}`);
        for (let i = 0; i < 4; i++) clients.push(await Client.to('10.79.0.2', 80));
        const before = resets('self');
        for (let i = 0; i < CYCLES; i++) {
          // What is under way when the server stops is answered when it goes on.
          for (const client of clients) client.socket.write(`during ${i}\n`);
          const imagesDir = await cycle(pid, ['veth[eth0]:outer@br0']);
          // CRIU waits for answers with this one.
          expect(sequences(imagesDir)).toEqual(new Set([24680]));
          for (const client of clients) await client.ask(`after ${i}`, `${2 * i + 2} AFTER ${i}`);
          expect([resets('self'), resets(pid)]).toEqual([before, 0]);
        }
      } finally {
        for (const { socket } of clients) socket.destroy();
        server.end();
      }
    },
    120_000,
  );
});
