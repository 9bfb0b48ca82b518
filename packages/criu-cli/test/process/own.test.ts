// A process of which one thread has left what the others share is refused, as its images would have that only once.
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

it.skipIf(!isRoot).each([
  ['files', /thread \d+ has a descriptor table of its own/],
  ['folder', /thread \d+ has a working folder of its own/],
  ['mounts', /thread \d+ has a mount namespace of its own/],
  ['network', /thread \d+ has a network namespace of its own/],
  ['host name', /thread \d+ has a UTS namespace of its own/],
  ['IPC', /thread \d+ has an IPC namespace of its own/],
  ['cgroups', /thread \d+ has a cgroup namespace of its own/],
  ['pids', /thread \d+ has a pid namespace for its children of its own/],
  ['clocks', /thread \d+ has a time namespace for its children of its own/],
])('a thread with %s of its own is refused and runs on (needs root)', async (own, message) => {
  const victim = await Victim.start('own', { OWN: own }, new URL('victims/own.c', import.meta.url));
  try {
    const refused = dump({ pid: victim.pid, imagesDir: freshDir() });
    await expect(refused).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
      object: { pid: victim.pid },
    });
    expect(await victim.verify()).toBe('ok');
  } finally {
    await victim.end();
  }
});
