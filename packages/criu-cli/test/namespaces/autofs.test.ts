// autofs(5) mounts of tasks: their daemons serve them again after a restore.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { type Checkpointer, cycle, free, ours, theirs } from './cycle.js';

afterAll(cleanUp);

const OWN = ['unshare', '--mount', '--propagation', 'private'];
const there = isRoot && existsSync('/dev/autofs');

async function withVictim(
  env: Record<string, string>,
  use: (victim: Victim) => Promise<void>,
  wrapper = OWN,
): Promise<void> {
  const place = mkdtempSync(join(scratch(), 'autofs-'));
  const source = new URL('victims/autofs.c', import.meta.url);
  const victim = await Victim.start('autofs', { KIND: 'all', PLACE: place, ...env }, source, wrapper);
  try {
    await use(victim);
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

async function cycles(rounds: number, dumper?: Checkpointer, restorer?: Checkpointer, env = {}) {
  await withVictim(env, async (victim) => {
    for (let i = 0; i < rounds; i++) {
      await cycle(victim, dumper, restorer);
      expect(await victim.verify()).toBe('ok');
    }
  });
}

describe.skipIf(!there)('automounts (needs root and autofs)', () => {
  it('are served by their daemons again, with their folders; those without a daemon are not', () =>
    cycles(2));

  it('are left as they are while a request waits for the daemon', () =>
    withVictim({ KIND: 'busy' }, async (victim) => {
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'NOT_DUMPABLE',
        message: expect.stringMatching(/autofs has asked its daemon \(task \d+\)/),
      });
      expect(await victim.verify()).toBe('ok');
    }));

  it('are refused without their daemon', () =>
    withVictim({}, async (victim) => {
      const [, daemon = 0] = family(victim.pid);
      await expect(dump({ pid: daemon, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'NOT_DUMPABLE',
        message: expect.stringMatching(/served by process \d+, which is not among the tasks/),
      });
      expect(await victim.verify()).toBe('ok');
    }));

  it('leave nothing behind when their daemon is not in the images, or names in them lead elsewhere', () =>
    withVictim({}, async (victim) => {
      const dir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dir });
      await free(pids);
      const images = readdirSync(dir).filter((file) => file.startsWith('autofs-'));
      const name = images.find((file) => readImageSync(join(dir, file), 'AUTOFS')[0]?.entry.mode === 1) ?? '';
      const [good] = readImageSync(join(dir, name), 'AUTOFS');
      if (!good) throw new Error('no image');
      const names = good.entry.names;
      const one = { path: 'x', mode: 0o755, uid: 0, gid: 0 };
      for (const [change, reason] of [
        [{ pgrp: 4_000_000 }, /no task of process group 4000000/],
        [{ fd: 500 }, /has a pipe as descriptor 500/],
        [{ mode: 7 }, /no mode 7/],
        [{ names: [{ ...one, path: '../x' }] }, /is no name/],
        [
          {
            names: [
              { ...one, target: '/' },
              { ...one, path: 'x/etc' },
            ],
          },
          /is no name/,
        ],
      ] as const) {
        writeImageSync(join(dir, name), 'AUTOFS', [{ entry: { ...good.entry, ...change } }]);
        await expect(restore({ imagesDir: dir, detached: true })).rejects.toThrow(reason);
      }
      writeImageSync(join(dir, name), 'AUTOFS', [{ entry: { ...good.entry, names } }]);
      for (const point of ['namespaces', 'commit']) {
        await expect(restore({ imagesDir: dir, detached: true, faults: [point] })).rejects.toThrow();
        await free(pids);
      }
      await restore({ imagesDir: dir, detached: true });
      expect(await victim.verify()).toBe('ok');
    }));

  it.skipIf(!peer)('come back from images of CRIU 4.2 (needs CRIU_PEER)', () =>
    cycles(1, theirs, ours, { PLAIN: '1' }),
  );
});
