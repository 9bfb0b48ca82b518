// Files and folders that have no name any more come back, with nothing left of the names that they had.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';
import { freshFolder, list, start } from './support.js';

afterAll(cleanUp);

const canUnshare = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

async function cycles(folder: string, times: number, mounted = false): Promise<void> {
  const victim = await start('deleted', folder, mounted);
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
});
