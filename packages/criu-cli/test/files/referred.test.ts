// Descriptors that only refer to files (O_PATH): whatever the type of the file, they refer to it again.
import { afterAll, expect, it } from 'vitest';
import { dump } from '../../src/index.js';
import { cleanUp, isRoot, type Victim } from '../dump/victim.js';
import { cycle } from '../namespaces/cycle.js';
import { inOwnMounts } from '../namespaces/own-mounts.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const source = new URL('victims/referred.c', import.meta.url);

const withVictim = (env: Record<string, string>, use: (victim: Victim) => Promise<void>) =>
  inOwnMounts('referred', source, env, async (victim) => {
    expect(await victim.verify()).toBe('ok');
    await use(victim);
    expect(await victim.verify()).toBe('ok');
  });

it.skipIf(!isRoot)('files of every type are referred to again, by a child as well (needs root)', () =>
  withVictim({}, async (victim) => {
    await cycle(victim);
    expect(await victim.verify()).toBe('ok');
    await cycle(victim);
  }),
);

it.skipIf(!isRoot)('a pipe that is only referred to is refused, and the program runs on (needs root)', () =>
  withVictim({ PIPE: '1' }, async (victim) => {
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/only refers to the file \(O_PATH\)/),
    });
  }),
);
