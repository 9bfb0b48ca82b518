// Sockets among files in memory: archives of a file system in memory do not have them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, type Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { cycle, free } from './cycle.js';
import { inOwnMounts } from './own-mounts.js';

afterAll(cleanUp);

const source = new URL('victims/socket-files.c', import.meta.url);

const withVictim = (env: Record<string, string>, use: (victim: Victim) => Promise<void>) =>
  inOwnMounts('socket-files', source, env, async (victim) => {
    expect(await victim.verify()).toBe('ok');
    await use(victim);
    expect(await victim.verify()).toBe('ok');
  });

describe.skipIf(!isRoot)('sockets among files in memory (need root)', () => {
  it('are there again, those of programs that have ended, too', () =>
    withVictim({}, async (victim) => {
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
    }));

  it('do not lead out of it', () =>
    withVictim({}, async (victim) => {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const name = join(dir, readdirSync(dir).find((one) => one.startsWith('mountpoints-')) ?? '');
      const good = readImageSync(name, 'MNTS');
      for (const path of ['../left', '/left', 'there/./left', '']) {
        const bad = good.map(({ entry }) => ({
          entry: { ...entry, sockets: entry.sockets.map((one) => ({ ...one, path })) },
        }));
        writeImageSync(name, 'MNTS', bad);
        await expect(restore({ imagesDir: dir, detached: true }), path).rejects.toMatchObject({
          message: expect.stringMatching(/is not a plain path/),
        });
        await free(pids);
      }
      writeImageSync(name, 'MNTS', good);
      await restore({ imagesDir: dir, detached: true });
    }));

  it.each([
    ['a file', { BOUND: '1' }],
    ['a file that another mount covers', { BOUND: 'covered' }],
    ['a file, both on a disk', { BOUND: '1', DISK: '1' }],
  ])('are refused when one is mounted on %s, which would show the old one', (_, env) =>
    withVictim(env, async (victim) => {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/shows a Unix socket/),
        remedy: expect.stringMatching(/--external mnt\[/),
      });
    }),
  );
});
