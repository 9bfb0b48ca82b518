// Unix sockets are found where their files are now, whatever path they were bound by.
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { comesBack } from '../namespaces/cycle.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const start = (kind: string) =>
  Victim.start('bound-names', { KIND: kind }, new URL('victims/bound-names.c', import.meta.url));

describe.skipIf(!isRoot)('sockets with files (need root)', () => {
  it('listen where a symbolic link leads, and where their files were renamed to', async () => {
    const victim = await start('kept');
    await comesBack(victim);
  });

  it('that were bound by way of a descriptor are refused, as that is no path for a restore', async () => {
    const victim = await start('descriptor');
    try {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/does not fit its file/),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
