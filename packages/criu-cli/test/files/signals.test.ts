// Signals about files (O_ASYNC) name the descriptor as before a restore, and the restore itself causes none.
import { afterAll, it } from 'vitest';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { comesBack } from '../namespaces/cycle.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('signals about files tell of news and name the descriptor (needs root)', async () => {
  const victim = await Victim.start('signals', {}, new URL('victims/signals.c', import.meta.url));
  await comesBack(victim);
});
