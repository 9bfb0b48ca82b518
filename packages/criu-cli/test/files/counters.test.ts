// Files without a name keep what is not seen at a glance: the last byte of a memfd, how an eventfd counts.
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)(
  'memfds keep sizes, seals, times and attributes, an eventfd stays a semaphore (needs root)',
  async () => {
    const source = new URL('victims/counters.c', import.meta.url);
    const victim = await Victim.start('counters', {}, source);
    try {
      const { pid } = victim;
      for (let round = 0; round < 2; round++) {
        const imagesDir = freshDir();
        await dump({ pid, imagesDir });
        await free([pid]);
        await restore({ imagesDir, detached: true });
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  },
);
