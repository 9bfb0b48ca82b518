// `--join-ns`: a tree is restored in namespaces that are there already, and what it had itself is not made.
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { parseJoined } from '../../src/resources/namespaces/join.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free, start } from './cycle.js';

afterAll(cleanUp);

describe('values of --join-ns', () => {
  it('name a process or a file', () => {
    expect(parseJoined('net:17')).toEqual({ kind: 'net', path: '/proc/17/ns/net' });
    expect(parseJoined('ipc:/run/netns/a:b')).toEqual({ kind: 'ipc', path: '/run/netns/a:b' });
  });

  it('of other kinds and forms are refused', () => {
    expect(() => parseJoined('net')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    expect(() => parseJoined('mnt:17')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});

describe.skipIf(!isRoot)('namespaces that are there already (needs root)', () => {
  it('take a tree in', async () => {
    const host = hostname();
    const [victim, other] = [await start('uts'), await start('uts')];
    try {
      const inOther = readlinkSync(`/proc/${other.pid}/ns/uts`);
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      await expect(
        restore({ imagesDir, detached: true, joinNamespaces: ['uts:/proc/none'] }),
      ).rejects.toThrow(/cannot open the namespace \/proc\/none/);
      await free(pids);
      await restore({ imagesDir, detached: true, joinNamespaces: [`uts:${other.pid}`] });
      for (const pid of family(victim.pid)) expect(readlinkSync(`/proc/${pid}/ns/uts`)).toBe(inOther);
      expect(await victim.verify()).toBe('ok');
      expect(await other.verify()).toBe('ok');
      expect(hostname()).toBe(host);
    } finally {
      await victim.end();
      await other.end();
    }
  });

  for (const OFFSETS of ['', 'monotonic 500 0\nboottime 500 0'])
    it(`set the clocks of a tree that was ${OFFSETS ? 'in a time namespace of its own' : "in the host's time namespace"}`, async () => {
      const victim = await start('clocks', OFFSETS ? { OFFSETS } : {});
      const other = await start('clocks', { OFFSETS: 'monotonic 100000 5\nboottime 300000 7' });
      try {
        const imagesDir = freshDir();
        const pids = family(victim.pid);
        await dump({ pid: victim.pid, imagesDir });
        await free(pids);
        await restore({ imagesDir, detached: true, joinNamespaces: [`time:${other.pid}`] });
        const inOther = readlinkSync(`/proc/${other.pid}/ns/time`);
        for (const pid of family(victim.pid)) expect(readlinkSync(`/proc/${pid}/ns/time`)).toBe(inOther);
        const [, , monotonic = 0, boottime = 0] = (await victim.verify()).split(' ').map(Number);
        // Boot time and monotonic time of the machine differ by suspends only.
        expect(boottime - monotonic).toBeGreaterThan(199_000);
      } finally {
        await victim.end();
        await other.end();
      }
    });
});
