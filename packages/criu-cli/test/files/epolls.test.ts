// An epoll watches files under numbers that may be closed meanwhile, while the files are still open elsewhere.
import { afterAll, expect, it } from 'vitest';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';

afterAll(cleanUp);

it.skipIf(!isRoot)(
  'an epoll watches files that were closed under the number of their own, twice in a row (needs root)',
  async () => {
    const victim = await Victim.start('epolls', {}, new URL('victims/epolls.c', import.meta.url));
    try {
      for (let round = 0; round < 2; round++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  },
);
