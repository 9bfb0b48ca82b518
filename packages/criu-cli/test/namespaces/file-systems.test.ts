// File systems of the kernel in a mount namespace: each that can be mounted here comes back at its place, as does what is mounted
// beside it. tracefs is left out of images, as in CRIU.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';
import { free } from './cycle.js';

afterAll(cleanUp);

const KINDS = [
  'proc',
  'sysfs',
  'devtmpfs',
  'binfmt_misc',
  'tmpfs',
  'devpts',
  'pstore',
  'mqueue',
  'securityfs',
  'fusectl',
  'debugfs',
  'tracefs',
  'cgroup2',
  'hugetlbfs',
  'bpf',
];

describe.skipIf(!isRoot)('file systems of the kernel (needs root)', () => {
  it('come back where they were mounted', async () => {
    const place = mkdtempSync(join(scratch(), 'kinds-'));
    for (const kind of KINDS) mkdirSync(join(place, kind));
    // They lie on a file system in memory, whose files are read without entering them.
    const setup = `cd ${place} && mount -t tmpfs top . && cd ${place} && touch file &&
      for kind in ${KINDS.join(' ')}; do mkdir $kind; touch $kind/below; mount -o ro -t $kind $kind $kind || :; done 2>/dev/null`;
    const source = new URL('victims/own-root.c', import.meta.url);
    const own = ['unshare', '--mount', '--propagation', 'private'];
    const victim = await Victim.start('own-root', { SETUP: setup }, source, own);
    try {
      const { pid } = victim;
      const mounted = () =>
        readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
          .split('\n')
          .filter((line) => line.includes(` ${place}/`))
          .map((line) => `${line.split(' ')[4]?.slice(place.length + 1)} ${/ - (\S+)/.exec(line)?.[1]}`)
          .sort();
      const before = mounted();
      expect(before.length).toBeGreaterThan(4);
      expect(before).toEqual(before.map((line) => `${line.split(' ')[0]} ${line.split(' ')[0]}`));
      const imagesDir = freshDir();
      await dump({ pid, imagesDir });
      await free([pid]);
      await restore({ imagesDir, detached: true });
      expect(mounted()).toEqual(before.filter((line) => !line.startsWith('tracefs')));
      expect(readdirSync(`/proc/${pid}/root${place}`).sort()).toEqual(['file', ...KINDS].sort());
      // What was covered is still there.
      spawnSync('nsenter', ['-t', `${pid}`, '-m', 'umount', join(place, 'tmpfs')]);
      expect(readdirSync(`/proc/${pid}/root${place}/tmpfs`)).toEqual(['below']);
      expect(readdirSync(`/proc/${pid}/root${place}/tracefs`)).toEqual(['below']);
    } finally {
      await victim.end();
      rmSync(place, { recursive: true, force: true });
    }
  });

  it.each([
    [
      'of BPF are refused with objects in them',
      'mount -t bpf bpf . && cd $PWD && mkdir pinned',
      /of the file system bpf has the file pinned/,
    ],
    [
      'of control groups are refused where a mount shows one that has been removed',
      'mkdir all one && mount -t cgroup2 all all && mkdir all/$NAME && mount --bind all/$NAME one && rmdir all/$NAME',
      /shows the cgroup \/.*, which has been removed/,
    ],
  ])('%s, which no restore could make', async (_, make, message) => {
    const place = mkdtempSync(join(scratch(), 'refused-'));
    const source = new URL('victims/own-root.c', import.meta.url);
    const own = ['unshare', '--mount', '--propagation', 'private'];
    // Where a machine or a container has no such file system, nothing is mounted.
    const setup = `cd ${place} && NAME=criu-test-$$ && ${make} && touch ${place}.made || exit 0`;
    const victim = await Victim.start('own-root', { SETUP: setup }, source, own);
    try {
      if (!existsSync(`${place}.made`)) return;
      await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(message),
      });
      await until('it goes on', () => victim.state === 'S');
    } finally {
      await victim.end();
      for (const made of [place, `${place}.made`]) rmSync(made, { recursive: true, force: true });
    }
  });
});
