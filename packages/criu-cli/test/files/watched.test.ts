// A watched file whose path its handle does not tell is looked for.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DumpOptions, dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a watched file (needs root)', () => {
  let victim: Victim;
  const folder = () => join(scratch(), 'watched');
  const watched = () => join(folder(), 'in', 'a file');
  const start = (env: Record<string, string>) =>
    Victim.start('watching', env, new URL('victims/watching.c', import.meta.url));
  beforeEach(async () => {
    mkdirSync(join(folder(), 'in'), { recursive: true });
    writeFileSync(watched(), '');
    victim = await start({ WATCHED: watched() });
  });
  afterEach(() => victim.end());

  function pathIn(imagesDir: string): string | undefined {
    const entries = readImageSync(join(imagesDir, 'files.img'), 'FILES');
    const [watch] = entries.flatMap(({ entry }) => entry.ify?.wd ?? []);
    return watch?.f_handle.path;
  }

  it('has the path of its handle, wherever else it might be looked for', async () => {
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, forceIrmap: true, leaveRunning: true });
    expect(pathIn(imagesDir)).toBe(watched());
  });

  it.each<[string, Pick<DumpOptions, 'irmapScanPaths' | 'faults'>]>([
    ['', {}],
    [' and is looked for', { irmapScanPaths: [folder()], faults: ['watched path'] }],
  ])(
    'that is a symbolic link itself is watched again where another one has its name%s',
    async (_, options) => {
      const link = join(folder(), 'link');
      symlinkSync(watched(), link);
      const own = await start({ WATCHED: link, ITSELF: '1' });
      try {
        const imagesDir = freshDir();
        await dump({ pid: own.pid, imagesDir, ...options });
        await free([own.pid]);
        // Of another tree of the same files no handle leads to the same file.
        renameSync(link, `${link} of old`);
        symlinkSync(watched(), link);
        await restore({ imagesDir, detached: true });
        expect(await own.verify()).toBe('ok');
      } finally {
        await own.end();
        for (const name of [link, `${link} of old`]) rmSync(name, { force: true });
      }
    },
  );

  it('is found in a folder that is named, and watched again', async () => {
    const imagesDir = freshDir();
    const { pid } = victim;
    await dump({ pid, imagesDir, irmapScanPaths: ['/no/such/folder', folder()], faults: ['watched path'] });
    expect(pathIn(imagesDir)).toBe(watched());
    await free([pid]);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });

  it('that is nowhere to be found is refused where it has to be found, and else watched by its handle', async () => {
    const { pid } = victim;
    await expect(
      dump({ pid, imagesDir: freshDir(), forceIrmap: true, faults: ['watched path'] }),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/watched inode \d+ .* not found in any folder/),
      remedy: expect.stringMatching(/--irmap-scan-path/),
    });
    expect(await victim.verify()).toBe('ok');
    const imagesDir = freshDir();
    await dump({ pid, imagesDir, faults: ['watched path'] });
    expect(pathIn(imagesDir)).toBeUndefined();
    await free([pid]);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });
});
