// An open file description stays one, although a process that is not dumped moves its position while descriptors are looked at.
import { closeSync, openSync, read, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';

afterAll(cleanUp);

/** Moves the position, until it is told to stop. */
function move(fd: number): () => Promise<void> {
  let stopped = () => {};
  let on = true;
  const end = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const step = () => {
    if (on) read(fd, Buffer.alloc(1), 0, 1, null, step);
    else stopped();
  };
  step();
  return () => {
    on = false;
    return end;
  };
}

it.skipIf(!isRoot)(
  'what tasks share with a process that goes on is shared after a restore (needs root)',
  async () => {
    const file = join(scratch(), 'read by two');
    writeFileSync(file, Buffer.alloc(4 << 20));
    const fd = openSync(file, 'r');
    const victim = await Victim.start('moving', {}, new URL('victims/moving.c', import.meta.url), [], [fd]);
    try {
      const pids = family(victim.pid);
      const imagesDir = freshDir();
      const stop = move(fd);
      await dump({ pid: victim.pid, imagesDir }).finally(stop);
      await free(pids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      closeSync(fd);
      await victim.end();
    }
  },
);
