// Files and folders that have no name any more come back, with nothing left of the names that they had.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';
import { freshFolder, list, start } from './support.js';

afterAll(cleanUp);

const canUnshare = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

async function cycles(
  folder: string,
  times: number,
  mounted = false,
  name: 'deleted' | 'many' = 'deleted',
): Promise<void> {
  const victim = await start(name, folder, mounted);
  const seen = mounted ? `/proc/${victim.pid}/root${folder}` : folder;
  try {
    expect(await victim.verify()).toBe('ok');
    const before = list(seen);
    for (let i = 0; i < times; i++) {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
      expect(list(seen)).toEqual(before);
    }
    if (mounted) expect(list(folder)).toEqual([]);
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('deleted files (needs root)', () => {
  it('come back with content, attributes, names, flags and folders, twice in a row', () =>
    cycles(freshFolder(), 2));

  it('come back on a file system in memory', async () => {
    const folder = mkdtempSync('/dev/shm/criu-deleted-');
    try {
      await cycles(folder, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!canUnshare)('come back in a mount namespace of their own (needs unshare)', () =>
    cycles(freshFolder(), 2, true),
  );

  it('come back in any number', () => cycles(freshFolder(), 1, false, 'many'));

  it('come back when their names and folders are taken, which stay as they are', async () => {
    const folder = freshFolder();
    const victim = await start('deleted', folder);
    try {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      for (const name of ['plain', 'gone', 'nofollow', 'symbolic', 'device', 'first', 'exe'])
        writeFileSync(join(folder, name), `another ${name}`);
      mkdirSync(join(folder, 'second'));
      const before = list(folder);
      await restore({ imagesDir, detached: true });
      expect(list(folder)).toEqual(before);
      for (const name of before.filter((one) => one !== 'second' && one !== 'taken'))
        expect(readFileSync(join(folder, name), 'utf8')).toBe(`another ${name}`);
      const links = readdirSync(`/proc/${victim.pid}/fd`).map((fd) => {
        const path = `/proc/${victim.pid}/fd/${fd}`;
        return [readlinkSync(path), path] as const;
      });
      const contentOf = (name: string) => {
        const [, path = ''] = links.find(([link]) => link === join(folder, name)) ?? [];
        return readFileSync(path, 'utf8');
      };
      expect(contentOf('plain.cr.1.ghost (deleted)')).toBe('plain text');
      expect(contentOf('second.cr.1.ghost (deleted)')).toBe('linked');
      expect(contentOf('again and again (deleted)')).toMatch(/^o/);
      expect(links.map(([link]) => link).filter((link) => link.includes('/inside'))).toEqual([
        expect.stringMatching(/\/gone\.cr\.\d\.ghost\/inside \(deleted\)$/),
      ]);
    } finally {
      await victim.end();
    }
  });
});
