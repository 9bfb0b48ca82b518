// Kinds of open file that come back: each victim looks at its own, twice in a row.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/engine/dump.js';
import { restore } from '../../src/engine/restore.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';

afterAll(cleanUp);

/** A pid is taken while anybody, ended or not, is in its group. */
function taken(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return existsSync(`/proc/${pid}`);
  }
}

async function free(pid: number): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    if (!taken(pid)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`pid ${pid} is not free in time`);
}

async function cycles(name: string, times = 2): Promise<void> {
  const victim = await Victim.start(name, {}, new URL(`victims/${name}.c`, import.meta.url));
  try {
    expect(await victim.verify()).toBe('ok');
    for (let i = 0; i < times; i++) {
      const imagesDir = join(scratch(), `${name}-images-${i}`);
      mkdirSync(imagesDir);
      await dump({ pid: victim.pid, imagesDir, fileLocks: true });
      await free(victim.pid);
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
  it('a descriptor table stays that of both tasks', () => cycles('table'));

  it('locks are not lost without a word', async () => {
    const victim = await Victim.start('watches', {}, new URL('victims/watches.c', import.meta.url));
    try {
      const imagesDir = join(scratch(), 'locks-images');
      mkdirSync(imagesDir);
      await dump({ pid: victim.pid, imagesDir, fileLocks: true });
      await free(victim.pid);
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
