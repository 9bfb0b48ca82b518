// A task that has reserved most of its address space has room for what a dump puts into it for a while.
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a task with half of its address space reserved comes back (needs root)', async () => {
  const victim = await Victim.start('reserved', {}, new URL('victims/reserved.c', import.meta.url));
  try {
    await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true });
    expect(await victim.verify()).toBe('ok');
    await cycle(victim);
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
