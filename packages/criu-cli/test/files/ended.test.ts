// A pidfd outlives its process.
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot)('a pidfd tells how its process has ended, after two restores (needs root)', async () => {
  const victim = await Victim.start('ended', {}, new URL('victims/ended.c', import.meta.url));
  try {
    for (let round = 0; round < 2; round++) {
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    }
  } finally {
    await victim.end();
  }
});

it.skipIf(!isRoot)(
  'a signal that ends nobody is refused, of which a restore would wait forever (needs root)',
  async () => {
    const victim = await Victim.start('ended', {}, new URL('victims/ended.c', import.meta.url));
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      const path = join(imagesDir, 'files.img');
      const files = readImageSync(path, 'FILES');
      const change = (status: number) => {
        for (const { entry } of files) if (entry.pidfd) entry.pidfd.exit_status = status;
        writeImageSync(path, 'FILES', files);
      };
      change(19);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({ code: 'BAD_IMAGE' });
      // Numbers that are no signals, or signals that are ignored, end it as well.
      for (const status of [127, 17]) {
        change(status);
        await restore({ imagesDir, detached: true });
        process.kill(victim.pid, 'SIGKILL');
        await free([victim.pid]);
      }
    } finally {
      await victim.end();
    }
  },
);
