// A dump reads files of tasks, and breaks no lease by it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, leaveOthers, scratch, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('write leases outlive dumps and restores (needs root)', async () => {
  const folder = join(scratch(), 'folder');
  mkdirSync(folder);
  const source = new URL('victims/leases.c', import.meta.url);
  const victim = await Victim.start('leases', { FOLDER: folder }, source);
  try {
    const { pid } = victim;
    await dump({ pid, imagesDir: freshDir(), fileLocks: true, leaveRunning: true });
    expect(await victim.verify()).toBe('ok');
    const imagesDir = freshDir();
    await dump({ pid, imagesDir, fileLocks: true });
    await free([pid]);
    await restore({ imagesDir, detached: true, fileLocks: true });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});

it.skipIf(!isRoot)(
  'a write lease on a file in memory is not broken by a dump, which is refused (needs root)',
  async () => {
    const folder = join(scratch(), 'memory');
    mkdirSync(folder);
    const victim = await Victim.start(
      'leases',
      { FOLDER: folder },
      new URL('victims/leases.c', import.meta.url),
      [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
        `${leaveOthers()}
      mount -t tmpfs memory "$FOLDER" && exec "$0" </dev/null >>"$(readlink /proc/$$/fd/1)" 2>&1`,
      ],
    );
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir(), fileLocks: true })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/would break a lease/),
        object: { file: folder },
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  },
);
