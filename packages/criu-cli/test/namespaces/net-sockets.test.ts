// Sockets of several network namespaces: each comes back in its own, also where no task is.
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { comesBack, free, start } from './cycle.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('sockets of several network namespaces (needs root)', () => {
  it('come back where they were, twice in a row, and the namespaces are connected', async () => {
    const victim = await start('net-sockets');
    await comesBack(victim);
  });

  it('go on when a dump fails, and come back after a restore that failed', async () => {
    const victim = await start('net-sockets');
    try {
      for (const fault of ['describe', 'guard']) {
        const failing = dump({ pid: victim.pid, imagesDir: freshDir(), faults: [fault] });
        await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await victim.verify()).toBe('ok');
      }
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      for (const fault of ['namespaces', 'files', 'commit']) {
        const failed = restore({ imagesDir, detached: true, faults: [fault] });
        await expect(failed).rejects.toMatchObject({ code: 'INTERNAL' });
        await free(pids);
      }
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
