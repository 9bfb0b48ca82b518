// Mounts and images that mean harm, and restores that end halfway: nothing outside of the new namespace is touched.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readImageSync, writeImageSync } from '@criu/images';
import { sysRaw } from '@criu/native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';
import { free } from './cycle.js';

afterAll(cleanUp);

const OWN = ['unshare', '--mount', '--propagation', 'private'];
/** Of more, more moments are met. */
const KILLS = Number(process.env.CRIU_KILLS ?? 16);
const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

const hostMounts = () =>
  readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .filter((line) => line.includes(scratch()));

interface Dumped {
  readonly victim: Victim;
  readonly place: string;
  readonly dir: string;
  readonly pids: readonly number[];
}

/** A victim that is dumped, and gone. */
async function withImages(kind: string, use: (dumped: Dumped) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(scratch(), `${kind}-`));
  const source = new URL('victims/mounts.c', import.meta.url);
  const victim = await Victim.start('mounts', { KIND: kind, PLACE: place, FULL: '1' }, source, OWN);
  try {
    const dir = freshDir();
    const pids = family(victim.pid);
    await dump({ pid: victim.pid, imagesDir: dir });
    await free(pids);
    await use({ victim, place, dir, pids });
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}

const restored = (dir: string, faults: string[] = []): Promise<CriuError | undefined> =>
  restore({ imagesDir: dir, detached: true, faults }).then(
    () => undefined,
    (error: CriuError) => error,
  );

describe.skipIf(!isRoot)('mounts of images that were changed (need root)', () => {
  it('in a circle are refused', () =>
    withImages('several', async ({ dir, place }) => {
      const name = readdirSync(dir).find((file) => file.startsWith('mountpoints-')) ?? '';
      const items = readImageSync(join(dir, name), 'MNTS');
      const [a, b] = ['mine', 'both'].map((mount) => {
        const item = items.find(({ entry }) => entry.mountpoint === join(place, mount));
        if (!item) throw new Error(`no mount ${mount}`);
        return item.entry;
      });
      if (!a || !b) throw new Error('two mounts are needed');
      Object.assign(a, { mountpoint: join(place, 'both'), parent_mnt_id: b.mnt_id });
      Object.assign(b, { parent_mnt_id: a.mnt_id });
      writeImageSync(join(dir, name), 'MNTS', items);
      expect((await restored(dir))?.message).toMatch(/some are parents of each other/);
    }));

  it('whose point is a symbolic link, or not there, are refused', () =>
    withImages('several', async ({ dir, place, pids }) => {
      const outside = mkdtempSync(join(scratch(), 'outside-'));
      rmSync(join(place, 'mine'), { recursive: true });
      expect((await restored(dir))?.explain()).toMatch(/the mount point .*\/mine is not there/);
      await free(pids);
      symlinkSync(outside, join(place, 'mine'));
      expect((await restored(dir))?.explain()).toMatch(
        /the mount point .*\/mine is, or lies behind, a symbolic link/,
      );
      await free(pids);
      rmSync(join(place, 'mine'));
      writeFileSync(join(place, 'mine'), 'a file');
      expect(await restored(dir)).toMatchObject({ code: expect.stringMatching(/./) });
      expect(readdirSync(outside)).toEqual([]);
      expect(hostMounts()).toEqual([]);
    }));

  it('whose files lead outside write nothing there', () =>
    withImages('content', async ({ dir, place, pids }) => {
      const outside = mkdtempSync(join(scratch(), 'outside-'));
      const secret = join(outside, 'secret');
      writeFileSync(secret, 'secret');
      const archives = readdirSync(dir).filter((name) => name.endsWith('.tar.gz.img'));
      const good = new Map(archives.map((name) => [name, readFileSync(join(dir, name))]));
      const evil = mkdtempSync(join(scratch(), 'evil-'));
      /** An archive of members as they are named, in that order. */
      const pack = (...steps: (readonly string[])[]) => {
        const tar = join(scratch(), 'evil.tar');
        rmSync(tar, { force: true });
        for (const step of steps)
          execFileSync('tar', ['--append', '--absolute-names', '--file', tar, '--directory', evil, ...step]);
        return execFileSync('gzip', ['-c', tar]);
      };
      mkdirSync(join(evil, 'd'));
      symlinkSync(outside, join(evil, 'link'));
      writeFileSync(join(evil, 'd', 'planted'), 'planted');
      const attacks = {
        'a file behind an absolute symbolic link': pack(['link'], ['--transform', 's,^d,link,', 'd/planted']),
        'a member with ..': pack(['--transform', 's,^d,../d,', 'd/planted']),
        'an absolute member': pack(['--transform', `s,^d,${outside},`, 'd/planted']),
        'a hard link to an absolute path': (() => {
          execFileSync('ln', [secret, join(evil, 'first')]);
          execFileSync('ln', [secret, join(evil, 'second')]);
          return pack([
            '--transform',
            `flags=h;s,first,${secret},`,
            '--transform',
            's,first,gone,r',
            'first',
            'second',
          ]);
        })(),
      };
      for (const [what, archive] of Object.entries(attacks)) {
        for (const name of archives) writeFileSync(join(dir, name), archive);
        await restored(dir);
        for (const pid of pids) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
        sysRaw('wait4', -1, new Int32Array(2), 1, null);
        await free(pids);
        expect(readdirSync(outside), what).toEqual(['secret']);
        expect(readFileSync(secret, 'utf8'), what).toBe('secret');
        expect(existsSync(join(place, '..', 'd')), what).toBe(false);
        expect(hostMounts(), what).toEqual([]);
      }
      for (const [name, bytes] of good) writeFileSync(join(dir, name), bytes);
    }));
});

describe.skipIf(!isRoot)('a restore of mounts (needs root)', () => {
  for (const kind of ['binds', 'several'])
    it(`that fails at any step leaves nothing, and can be tried again (${kind})`, () =>
      withImages(kind, async ({ victim, place, dir, pids }) => {
        const listed = execFileSync('find', [place], { encoding: 'utf8' });
        let steps = 0;
        for (; ; steps++) {
          const error = await restored(dir, [`namespaces:${steps}`]);
          if (!error) break;
          expect(error.message, `step ${steps}`).toMatch(/fault injected/);
          await free(pids);
          expect(hostMounts()).toEqual([]);
          expect(execFileSync('find', [place], { encoding: 'utf8' }), `step ${steps}`).toBe(listed);
        }
        expect(steps).toBeGreaterThan(3);
        expect(await victim.verify()).toBe('ok');
      }));

  beforeAll(() => void execFileSync(criu, ['--version']));

  it('that is killed at any moment leaves nothing mounted, and no folder', { timeout: 180_000 }, () =>
    withImages('several', async ({ victim, place, dir, pids }) => {
      const temporary = mkdtempSync(join(scratch(), 'temporary-'));
      const listed = execFileSync('find', [place], { encoding: 'utf8' });
      const env = { ...process.env, TMPDIR: temporary };
      const run = () => spawn(criu, ['restore', '-d', '-D', dir, '-v0'], { stdio: 'ignore', env });
      const ended = (child: ChildProcess) =>
        new Promise<void>((resolve) => void child.once('exit', () => resolve()));
      const end = async () => {
        for (const pid of pids) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
        await until('the tasks are gone', () => {
          for (const pid of pids) sysRaw('wait4', pid, new Int32Array(2), 1, null);
          return !pids.some((pid) => existsSync(`/proc/${pid}`));
        });
      };
      const start = Date.now();
      await ended(run());
      const whole = Date.now() - start;
      await end();
      for (let i = 0; i < KILLS; i++) {
        const child = run();
        const gone = ended(child);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * whole));
        child.kill('SIGKILL');
        await gone;
        await end();
        expect(hostMounts(), `round ${i}`).toEqual([]);
        expect(execFileSync('find', [place], { encoding: 'utf8' }), `round ${i}`).toBe(listed);
      }
      expect(readdirSync(temporary)).toEqual([]);
      await ended(run());
      expect(await victim.verify()).toBe('ok');
    }),
  );
});
