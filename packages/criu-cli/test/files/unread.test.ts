// Events that nobody had read cannot be queued again; the program hears that some were lost.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('inotify events that were not read are told as an overflow (needs root)', async () => {
  const folder = join(scratch(), 'watched');
  mkdirSync(folder);
  const source = new URL('victims/unread.c', import.meta.url);
  const victim = await Victim.start('unread', { FOLDER: folder }, source);
  try {
    const { pid } = victim;
    const imagesDir = freshDir();
    await dump({ pid, imagesDir });
    await free([pid]);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
