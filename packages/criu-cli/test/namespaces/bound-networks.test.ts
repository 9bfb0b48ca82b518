// Network namespaces that are bound to files (ip netns add): they come back behind the same files, with all that is in them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, leaveOthers, type Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { cycle, free } from './cycle.js';
import { inOwnMounts } from './own-mounts.js';

afterAll(cleanUp);

/** In a mount namespace of its own, without mounts that others on this machine may take away. */
const OWN = [
  ...['unshare', '--mount', '--propagation', 'private', '/bin/sh', '-c'],
  `${leaveOthers()}\nexec "$0" </dev/null >/dev/null 2>&1`,
];

const withVictim = (
  env: Record<string, string>,
  use: (victim: Victim, place: string) => Promise<void>,
): Promise<void> =>
  inOwnMounts('bound-networks', new URL('victims/bound-networks.c', import.meta.url), env, use, OWN);

describe.skipIf(!isRoot)('network namespaces bound to files (needs root)', () => {
  it('come back: one that nothing else keeps, one that a child is in, that of the task itself', () =>
    withVictim({}, async (victim) => {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await cycle(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it('come back beside one that has lost its file, and that only a descriptor keeps', () =>
    withVictim({ OPEN: '1' }, async (victim) => {
      expect(await victim.verify()).toBe('ok');
      await cycle(victim);
      expect(await victim.verify()).toBe('ok');
    }));

  it('of other kinds are refused, by the names of their files, and the tasks run on', () =>
    withVictim({ UTS: '1' }, async (victim, place) => {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/shows the namespace uts:\[\d+\], and only those of the network/),
        object: { file: `${place}/uts` },
        remedy: expect.stringMatching(/unmount it before the dump, or name it with --external/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(true);
      expect(await victim.verify()).toBe('ok');
    }));

  it('are no mounts for CRIU, which cannot restore them: images have them in a field of their own', () =>
    withVictim({}, async (victim, place) => {
      const dir = await cycle(victim);
      const images = readdirSync(dir).filter((name) => name.startsWith('mountpoints-'));
      const entries = images.flatMap((name) =>
        readImageSync(join(dir, name), 'MNTS').map(({ entry }) => entry),
      );
      expect(entries.filter(({ root }) => root.startsWith('net:'))).toEqual([]);
      const binds = entries.flatMap(({ namespace_binds }) => namespace_binds);
      expect(binds.map(({ mountpoint }) => mountpoint).sort()).toEqual(
        ['empty', 'host', 'used'].map((name) => `${place}/${name}`),
      );
    }));

  it('come back in a user namespace, too, where only a descriptor keeps one', async () => {
    const script = 'exec 7</proc/self/ns/net; exec unshare -n sleep 1000';
    const task = spawn('unshare', ['-Urn', 'sh', '-c', script], { detached: true, stdio: 'ignore' });
    const pid = task.pid ?? 0;
    const kept = () => [readlinkSync(`/proc/${pid}/fd/7`), readlinkSync(`/proc/${pid}/ns/net`)];
    try {
      await until('it sleeps', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
      const imagesDir = freshDir();
      await dump({ pid, imagesDir });
      await free([pid]);
      await restore({ imagesDir, detached: true });
      const [other, own] = kept();
      expect(other).toMatch(/^net:\[\d+\]$/);
      expect(other).not.toBe(own);
      expect(readlinkSync('/proc/self/ns/net')).not.toBe(other);
    } finally {
      task.kill('SIGKILL');
      spawnSync('kill', ['-9', `${pid}`]);
    }
  });
});
