// Settings of terminals that have no place in struct termios.
import { afterAll, expect, it } from 'vitest';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a terminal keeps speeds that are no usual ones (needs root)', async () => {
  const victim = await Victim.start('speed', {}, new URL('victims/speed.c', import.meta.url));
  try {
    for (let i = 0; i < 2; i++) {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
});
