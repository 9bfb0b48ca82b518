// Settings of terminals that have no place in struct termios.
import { afterAll, it } from 'vitest';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { comesBack } from '../namespaces/cycle.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a terminal keeps speeds that are no usual ones (needs root)', async () => {
  const victim = await Victim.start('speed', {}, new URL('victims/speed.c', import.meta.url));
  await comesBack(victim);
});
