// Signals about files (O_ASYNC) name the descriptor as before a restore, and the restore itself causes none.
import { afterAll, expect, it } from 'vitest';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('signals about files tell of news and name the descriptor (needs root)', async () => {
  const victim = await Victim.start('signals', {}, new URL('victims/signals.c', import.meta.url));
  try {
    for (let i = 0; i < 2; i++) {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
});
