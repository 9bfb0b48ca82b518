// Holes of a deleted file stay holes, whichever way they are found.
import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/index.js';
import { mappedExtents } from '../../src/resources/files/regular/extents.js';
import { readGhostImage } from '../../src/resources/files/regular/ghost-image.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const SIZE = 1 << 20;

function withFile<T>(folder: string, work: (fd: number) => T): T {
  const path = join(folder, `criu-holes-${process.pid}`);
  const fd = openSync(path, 'w+');
  unlinkSync(path);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

const hasMap = withFile(scratch(), (fd) => {
  ftruncateSync(fd, SIZE);
  return mappedExtents(fd, SIZE) !== undefined;
});
if (!hasMap)
  console.log(
    'holes.test.ts: maps of extents: skipped: the file system of the folder for temporary files has none',
  );

describe.skipIf(!hasMap)('the map of extents', () => {
  it('has what was written, also what is not on the disk yet, and no hole', () => {
    withFile(scratch(), (fd) => {
      ftruncateSync(fd, SIZE);
      expect(mappedExtents(fd, SIZE)).toEqual([]);
      writeSync(fd, 'x', 300_000);
      writeSync(fd, 'y', 40_000);
      const found = mappedExtents(fd, SIZE) ?? [];
      const within = (at: number) => found.some(({ start, end }) => start <= at && at < end);
      expect([within(40_000), within(300_000), within(200_000), within(600_000)]).toEqual([
        true,
        true,
        false,
        false,
      ]);
    });
  });

  it('of more extents than are asked for at once is whole, and ends with the file', () => {
    withFile(scratch(), (fd) => {
      const at = Array.from({ length: 300 }, (_, i) => i * 2 * 65_536);
      for (const offset of at) writeSync(fd, 'x', offset);
      const size = (at.at(-1) ?? 0) + 1;
      const found = mappedExtents(fd, size) ?? [];
      expect(found).toHaveLength(300);
      expect(found.at(-1)?.end).toBe(size);
    });
  });
});

it('a file system without such a map says so', () => {
  expect(withFile('/dev/shm', (fd) => mappedExtents(fd, 1))).toBeUndefined();
});

describe.skipIf(!isRoot)('a deleted file with a hole (needs root)', () => {
  it.each([[false], [true]])('comes back with it (--ghost-fiemap: %j)', async (ghostFiemap) => {
    const victim = await Victim.start('holes', {}, new URL('victims/holes.c', import.meta.url));
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir, ghostFiemap });
      const { pieces } = readGhostImage(join(imagesDir, 'ghost-file-1.img'), 'ghost-file-1.img');
      expect(pieces).toHaveLength(2);
      await free([victim.pid]);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
