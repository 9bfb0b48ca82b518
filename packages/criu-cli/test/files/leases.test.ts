// A dump reads files of tasks, and breaks no lease by it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
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
