// Pages that parent and child share until one of them writes are shared again after a restore.
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';
import { criu } from './support.js';

afterAll(cleanUp);

/** No task of a dump is left: init reaps the children in its own time. */
async function gone(dir: string): Promise<void> {
  const tasks = readImageSync(join(dir, 'pstree.img'), 'PSTREE');
  await free(tasks.map(({ entry }) => entry.pid));
}

async function cycle(work: (victim: Victim) => Promise<void>): Promise<void> {
  const source = new URL('victims/shared-pages.c', import.meta.url);
  const victim = await Victim.start('shared-pages', {}, source);
  try {
    expect(await victim.verify()).toBe('ok');
    await work(victim);
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('memory of a family (needs root)', () => {
  it('is shared again, three times in a row', () =>
    cycle(async (victim) => {
      for (let i = 0; i < 3; i++) {
        const dir = freshDir();
        await dump({ pid: victim.pid, imagesDir: dir });
        await gone(dir);
        await restore({ imagesDir: dir, detached: true });
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it('stays shared when the tasks run on', () =>
    cycle(async (victim) => {
      const { pid } = victim;
      await preDump({ pid, imagesDir: freshDir() });
      expect(await victim.verify()).toBe('ok');
      await dump({ pid, imagesDir: freshDir(), leaveRunning: true });
      expect(await victim.verify()).toBe('ok');
      await dump({ pid, imagesDir: freshDir(), leaveRunning: true, live: true, compress: true });
      expect(await victim.verify()).toBe('ok');
    }));

  it('stays shared when a dump that would end the tasks fails', () =>
    cycle(async (victim) => {
      const failed = dump({ pid: victim.pid, imagesDir: freshDir(), faults: ['cure'] });
      await expect(failed).rejects.toThrow('fault point cure');
      expect(await victim.verify()).toBe('ok');
    }));

  it.skipIf(!peer)('of CRIU 4.2 is, too (needs CRIU_PEER)', () =>
    cycle(async (victim) => {
      const dir = freshDir();
      criu('dump', '-t', `${victim.pid}`, '-D', dir, '-o', 'peer.log');
      await gone(dir);
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    }),
  );

  it.skipIf(!peer)('is restored by CRIU 4.2 as it was (needs CRIU_PEER)', () =>
    cycle(async (victim) => {
      const dir = freshDir();
      await dump({ pid: victim.pid, imagesDir: dir });
      await gone(dir);
      criu('restore', '-d', '-D', dir, '-o', 'peer.log');
      expect(await victim.verify()).toBe('ok');
    }),
  );
});
