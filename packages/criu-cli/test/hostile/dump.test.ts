// A dump into a folder of somebody else who has prepared for it: nothing of ours is overwritten, nothing can be read.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, preDump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, type Victim } from '../dump/victim.js';
import { modelVictim } from '../memory/support.js';
import { family, free, freshDir } from '../support.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const NOBODY = 65534;

/** Names that a dump of the victim writes. */
async function namesOf(victim: Victim): Promise<string[]> {
  const dir = freshDir();
  await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
  return readdirSync(dir);
}

/** A sticky folder of somebody else, with something in the place of each name. */
function trapped(names: readonly string[]): { dir: string; target: string; check(): void } {
  const dir = freshDir();
  const target = join(freshDir(), 'target');
  writeFileSync(target, 'mine', { mode: 0o600 });
  for (const [i, name] of names.entries()) {
    const path = join(dir, name);
    if (i % 3 === 0) symlinkSync(target, path);
    else if (i % 3 === 1) linkSync(target, path);
    else {
      writeFileSync(path, 'theirs');
      chmodSync(path, 0o666);
      chownSync(path, NOBODY, NOBODY);
    }
  }
  chownSync(dir, NOBODY, NOBODY);
  chmodSync(dir, 0o1777);
  const check = () => {
    expect([readFileSync(target, 'utf8'), lstatSync(target).mode & 0o777]).toEqual(['mine', 0o600]);
    for (const name of readdirSync(dir)) {
      const stat = lstatSync(join(dir, name));
      if (name === 'parent') continue;
      expect([name, stat.isFile(), stat.uid, stat.mode & 0o777, stat.nlink]).toEqual([
        name,
        true,
        0,
        name === 'pid' ? 0o644 : 0o600,
        1,
      ]);
    }
  };
  return { dir, target, check };
}

describe.skipIf(!isRoot)('in a folder where somebody else has laid traps (needs root)', () => {
  it('a dump harms nobody and is read by nobody, and so does the next one there', async () => {
    const before = process.umask(0);
    const victim = await modelVictim();
    try {
      const names = [...(await namesOf(victim)), 'dump.log', 'dump.log.1'];
      const { dir, check } = trapped(names);
      for (let round = 0; round < 2; round++) {
        const args = ['dump', '-t', String(victim.pid), '-D', dir, '-R', '-o', 'dump.log', '-v4'];
        const run = spawnSync(criu, args, { encoding: 'utf8' });
        expect([run.stderr, run.status]).toEqual(['', 0]);
        expect(readdirSync(dir)).toEqual(expect.arrayContaining(names.filter((n) => n !== 'dump.log.1')));
        spawnSync('rm', ['-f', join(dir, 'dump.log.1')]);
        check();
      }
      const pages = readdirSync(dir).filter((name) => name.startsWith('pages-'));
      expect(pages.some((name) => statSync(join(dir, name)).size > 0)).toBe(true);
      expect(await victim.verify()).toBe('ok');
    } finally {
      process.umask(before);
      await victim.end();
    }
  });

  it('a pre-dump, a dump upon it and a restore do not either', async () => {
    const victim = await modelVictim();
    const before = process.umask(0);
    try {
      const names = await namesOf(victim);
      const first = trapped([...names, 'stats-restore']);
      const second = trapped([...names, 'stats-restore']);
      await preDump({ pid: victim.pid, imagesDir: first.dir, leaveRunning: true });
      const prevImagesDir = first.dir;
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: second.dir, prevImagesDir, autoDedup: true });
      await free(pids);
      await restore({ imagesDir: second.dir, detached: true, pidfile: 'pid' });
      second.check();
      expect(await victim.verify()).toBe('ok');
      expect(readFileSync(first.target, 'utf8')).toBe('mine');
      await expect(restore({ imagesDir: second.dir, pidfile: 'pid' })).rejects.toThrow(/such a file already/);
    } finally {
      process.umask(before);
      await victim.end();
    }
  });

  it('a name that cannot be taken ends the dump, not the task; statistics are no reason to fail', async () => {
    const victim = await modelVictim();
    try {
      const dir = freshDir();
      mkdirSync(join(dir, 'pstree.img'));
      await expect(dump({ pid: victim.pid, imagesDir: dir })).rejects.toThrow(/directory of that name/);
      expect(readdirSync(dir)).toEqual(['pstree.img']);
      expect(await victim.verify()).toBe('ok');
      const other = freshDir();
      mkdirSync(join(other, 'stats-dump'));
      mkdirSync(join(other, 'stats-restore'));
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: other });
      await free(pids);
      await restore({ imagesDir: other, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
