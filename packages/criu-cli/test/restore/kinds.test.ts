// Kinds of open file, and relations of tasks, that come back: each victim looks at its own, twice in a row.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { enterOwnNetwork } from '../../../../native/test/own-network.js';
import { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free } from '../support.js';

enterOwnNetwork();
afterAll(cleanUp);

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function cycles(name: string, times = 2, folder = '.'): Promise<void> {
  const victim = await Victim.start(name, {}, new URL(`${folder}/victims/${name}.c`, import.meta.url));
  try {
    expect(await victim.verify()).toBe('ok');
    for (let i = 0; i < times; i++) {
      const imagesDir = join(scratch(), `${name}-images-${i}`);
      mkdirSync(imagesDir);
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir, fileLocks: true });
      await free(pids);
      await restore({ imagesDir, detached: true, fileLocks: true });
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('kinds of open file (needs root)', () => {
  it('Unix sockets keep their queues, peers, names, options and descriptors in flight', () => cycles('unix'));
  it('terminals keep their settings and whom they control', () => cycles('terminals'));
  it('watches, marks, locks, leases, pidfds, netlink and /proc files are as they were', () =>
    cycles('watches'));
  it('Unix sockets are told the same of their peers: process, user and groups', () => cycles('peers', 1));
  it('netlink sockets keep their groups, however many, their destinations and options', () =>
    cycles('netlink'));
  it('a descriptor table stays that of both tasks', () => cycles('table'));
  it('sessions and groups whose leaders are gone keep their members', () => cycles('orphans'));
  it('an orphan stays in the session of one who was below the same task', () =>
    cycles('reparented', 2, '../namespaces'));
  it('packet sockets keep their device, options and mapped rings', () => cycles('packet'));
  it('a restore that fails leaves no socket in the file system', async () => {
    const victim = await Victim.start('unix', {}, new URL('victims/unix.c', import.meta.url));
    try {
      const imagesDir = join(scratch(), 'failing-images');
      mkdirSync(imagesDir);
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      // The latest of the victims of this name.
      const name = readdirSync(scratch())
        .filter((file) => file.endsWith('.ghost.l'))
        .sort(byNumber)
        .at(-1)!;
      rmSync(join(scratch(), name));
      await expect(restore({ imagesDir, detached: true, faults: ['commit'] })).rejects.toMatchObject({
        code: 'INTERNAL',
      });
      expect(existsSync(join(scratch(), name))).toBe(false);
      await free(pids);
      // What stands there and is no socket was not left by the victim.
      writeFileSync(join(scratch(), name), 'of somebody else');
      const refused = await restore({ imagesDir, detached: true }).catch((error: CriuError) => error);
      expect(refused).toBeInstanceOf(CriuError);
      expect((refused as CriuError).explain()).toMatch(/EADDRINUSE/);
      expect(readFileSync(join(scratch(), name), 'utf8')).toBe('of somebody else');
      rmSync(join(scratch(), name));
      await free(pids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('locks are not lost without a word', async () => {
    const victim = await Victim.start('watches', {}, new URL('victims/watches.c', import.meta.url));
    try {
      const imagesDir = join(scratch(), 'locks-images');
      mkdirSync(imagesDir);
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir, fileLocks: true });
      await free(pids);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'BAD_OPTION',
        remedy: expect.stringMatching(/--file-locks/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      await restore({ imagesDir, detached: true, fileLocks: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
