// Files and folders that have no name any more come back, with nothing left of the names that they had.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';

afterAll(cleanUp);

/** Runs as a program that the victim deletes. */
const COPIED = ['sh', '-c', 'cp "$0" "$FOLDER/exe"; exec "$FOLDER/exe"'];

async function start(folder: string): Promise<Victim> {
  return Victim.start('deleted', { FOLDER: folder }, new URL('victims/deleted.c', import.meta.url), COPIED);
}

function list(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

async function cycles(folder: string, times: number): Promise<void> {
  const victim = await start(folder);
  try {
    expect(await victim.verify()).toBe('ok');
    const before = list(folder);
    for (let i = 0; i < times; i++) {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
      expect(list(folder)).toEqual(before);
    }
  } finally {
    await victim.end();
  }
}

describe.skipIf(!isRoot)('deleted files (needs root)', () => {
  it('come back with content, names, flags and folders, twice in a row', async () => {
    const folder = join(scratch(), 'folder');
    mkdirSync(folder);
    await cycles(folder, 2);
  });

  it('come back on a file system in memory', async () => {
    const folder = mkdtempSync('/dev/shm/criu-deleted-');
    try {
      await cycles(folder, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
