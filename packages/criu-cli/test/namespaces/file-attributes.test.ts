// Attributes of files in memory, as chattr(1) sets them: archives of a file system in memory do not have them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { readdirSync } from '@criu/native/fs';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { cycle } from './cycle.js';

afterAll(cleanUp);

/** Before Linux 6.6 files in memory have none. */
const possible =
  isRoot &&
  spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs x /mnt && touch /mnt/f && chattr +i /mnt/f'])
    .status === 0;

async function withVictim(use: (look: () => string[], victim: Victim) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(scratch(), 'attributes-'));
  const setUp = `cd ${place} && mount -t tmpfs x . && cd ${place} && mkdir -p a/b closed over && echo 1 > a/f && echo 2 > a/b/kept
    echo 3 > log && echo 4 > plain && ln -s a/f link && mkfifo fifo && touch closed/one && touch over/hidden
    exec 7>>log && exec 8<>a/b/kept
    chattr +i a/b/kept closed && chattr +a log && chattr +dA a/f && chattr +d a over/hidden && mount -t tmpfs y over`;
  const source = new URL('victims/own-root.c', import.meta.url);
  const wrapper = ['unshare', '--mount', '--propagation', 'private'];
  const victim = await Victim.start('own-root', { SETUP: setUp }, source, wrapper);
  /** All that lsattr(1) says, with what is below another mount. */
  const look = () => {
    const script = 'lsattr -aR . ; umount over && lsattr -aR over';
    const command = ['-t', `${victim.pid}`, '-m', 'unshare', '-m', 'sh', '-c', `cd ${place} && ${script}`];
    return spawnSync('nsenter', command, { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => / /.test(line) && !/\/\.+$/.test(line))
      .sort();
  };
  try {
    await use(look, victim);
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

describe.skipIf(!possible)('files in memory (need root, and attributes)', () => {
  it('have their attributes again, those below another mount, too', () =>
    withVictim(async (look, victim) => {
      const before = look();
      expect(before.filter((line) => /^\S*[iadA]/.test(line)).length).toBe(6);
      for (let i = 0; i < 2; i++) {
        const dir = await cycle(victim);
        expect(look()).toEqual(before);
        const name = readdirSync(dir).find((one) => one.startsWith('mountpoints-')) ?? '';
        const flagged = readImageSync(join(dir, name), 'MNTS').flatMap(({ entry }) => entry.flagged_files);
        expect(flagged.map(({ path }) => path).sort()).toEqual([
          'a',
          'a/b/kept',
          'a/f',
          'closed',
          'log',
          'over/hidden',
        ]);
      }
    }));
});
