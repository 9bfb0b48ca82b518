// Pages images that are written and read past the page cache (--image-io-mode direct): the same images, and nothing of them cached.
import { ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { addon, sys } from '@criu/native';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from '@criu/native/fs';
import { F_GETFL, MAP_SHARED, O_DIRECT } from '@criu/native/uapi';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { openDirect, setBuffered, setDirect } from '../../src/pages/direct.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const PAGE = 4096;
const PROT_READ = 1;
const isDirect = (fd: number) => (sys('fcntl', fd, F_GETFL, 0) & O_DIRECT) !== 0;

/** Whether the file system of the images can do it at all. */
function possible(dir: string): boolean {
  const path = join(dir, 'probe');
  const fd = openSync(path, 'w+');
  try {
    return setDirect(fd);
  } finally {
    closeSync(fd);
    rmSync(path);
  }
}

/** Pages of a file that are in the page cache. */
function cached(path: string): number {
  const { size } = statSync(path);
  const pages = Math.ceil(size / PAGE);
  if (pages === 0) return 0;
  const fd = openSync(path, 'r');
  const address = sys('mmap', 0, size, PROT_READ, MAP_SHARED, fd, 0);
  const present = Buffer.alloc(pages);
  sys('mincore', address, size, present);
  sys('munmap', address, size);
  closeSync(fd);
  return present.filter((byte) => byte & 1).length;
}

describe('a file past the page cache', () => {
  it('is as it was where its file system cannot do that', () => {
    const fd = openSync('/proc/self/comm', 'r');
    expect(setDirect(fd)).toBe(false);
    expect(isDirect(fd)).toBe(false);
    closeSync(fd);
    const other = openDirect('/proc/self/comm');
    expect(isDirect(other)).toBe(false);
    closeSync(other);
  });

  it('is written to in the ordinary way where that fails', async ({ skip }) => {
    const dir = freshDir();
    if (!possible(dir)) skip('the file system cannot');
    const path = join(dir, 'odd');
    const fd = openSync(path, 'w+');
    expect(setDirect(fd)).toBe(true);
    const from = openSync('/proc/self/exe', 'r');
    // No place of a page: the kernel refuses that for a direct write.
    const words = BigUint64Array.from([0n, BigInt(64 * PAGE)]);
    const { errno } = await addon().pumpToFile(0, from, words, fd, 100, 2);
    expect(errno).toBe(0);
    closeSync(fd);
    closeSync(from);
    const exe = readFileSync('/proc/self/exe').subarray(0, 64 * PAGE);
    expect(readFileSync(path).subarray(100).equals(exe)).toBe(true);
  });

  it('is an ordinary one again', () => {
    const path = join(freshDir(), 'back');
    const fd = openSync(path, 'w+');
    ftruncateSync(fd, PAGE);
    setDirect(fd);
    setBuffered(fd);
    expect(isDirect(fd)).toBe(false);
    closeSync(fd);
  });
});

describe.skipIf(!isRoot)('a checkpoint with --image-io-mode direct (needs root)', () => {
  it('comes back whole, and leaves its pages out of the page cache', async () => {
    for (const name of ['fill', 'fill-shared']) {
      const victim = await Victim.start(name, {}, new URL(`victims/${name}.c`, import.meta.url));
      try {
        const imagesDir = freshDir();
        const able = possible(imagesDir);
        await dump({ pid: victim.pid, imagesDir, imageIoMode: 'direct' });
        await free([victim.pid]);
        const pages = readdirSync(imagesDir).filter((file) => file.startsWith('pages-'));
        const inCache = () => pages.reduce((sum, file) => sum + cached(join(imagesDir, file)), 0);
        if (able) expect(inCache()).toBe(0);
        await restore({ imagesDir, detached: true, imageIoMode: 'direct' });
        expect(await victim.verify()).toBe('ok');
        // Where a part is no whole page of the file, or a restore compares pages first.
        if (able) expect(inCache()).toBeLessThan(100);
      } finally {
        await victim.end();
      }
    }
  });
});
