// Dumps that build on earlier ones: what has not changed is not written again, and all of it comes back.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { ImageSet, readImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../src/features/index.js';
import { dump, planRestore, preDump, restore } from '../../src/operations.js';
import { dedupParents } from '../../src/pages/dedup.js';
import { cleanUp, isRoot, peer, type Victim } from '../dump/victim.js';
import { family, free } from '../support.js';
import { chain, criu, modelVictim, recordedLog, room } from './support.js';

afterAll(cleanUp);

const up = (dir: string) => `../${dir.split('/').at(-1)}`;

/** Two pre-dumps and a dump of a victim, which is gone then. */
async function chainOf(victim: Victim, [one, two, three]: readonly string[]) {
  const { pid } = victim;
  const pids = family(pid);
  const first = await preDump({ pid, imagesDir: one! });
  const second = await preDump({ pid, imagesDir: two!, prevImagesDir: up(one!) });
  expect(await victim.verify()).toBe('ok');
  const last = await dump({ pid, imagesDir: three!, prevImagesDir: up(two!), trackMem: true });
  await free(pids);
  return [first, second, last].map(({ stats }) => stats);
}

describe.skipIf(!isRoot)('incremental dumps (needs root)', () => {
  it('write what has changed, and come back whole', async () => {
    const victim = await modelVictim();
    try {
      const dirs = chain(4);
      const [first, second, last] = await chainOf(victim, dirs);
      expect(first!.pagesSkippedParent).toBe(0);
      for (const stats of [second!, last!]) {
        // How much has changed depends on how long it took: the victim writes all the time.
        expect(stats.pagesSkippedParent).toBeGreaterThan(200);
        expect(stats.pagesWritten).toBeLessThan(first!.pagesWritten);
      }
      expect(readlinkSync(join(dirs[2]!, 'parent'))).toBe('../2');
      const shared = readdirSync(dirs[2]!).find((name) => name.startsWith('pagemap-shmem-'))!;
      expect(
        readImageSync(join(dirs[2]!, shared), 'PAGEMAP').some(
          ({ entry }) => 'flags' in entry && entry.flags === 1,
        ),
      ).toBe(true);
      // Shared memory is copied before, and has the images behind the one of the root task.
      for (const dir of dirs.slice(0, 3))
        expect(readImageSync(join(dir, `pagemap-${victim.pid}.img`), 'PAGEMAP')[0]?.entry).toMatchObject({
          pages_id: 1,
        });
      await restore({ imagesDir: dirs[2]!, detached: true });
      expect(await victim.verify()).toBe('ok');
      // A dump of the restored task goes on from there.
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir: dirs[3]!, prevImagesDir: '../3' });
      await free(pids);
      await restore({ imagesDir: dirs[3]!, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('leave a pre-dump with the files that CRIU leaves', async () => {
    const victim = await modelVictim();
    try {
      const [dir] = chain(1);
      const log = recordedLog();
      await preDump({ pid: victim.pid, imagesDir: dir!, preDumpMode: 'read', log });
      expect(
        readdirSync(dir!).filter((name) => !/^(pages|pagemap|pagemap-shmem)-\d+\.img$/.test(name)),
      ).toEqual(['inventory.img', 'stats-dump']);
      const inventory = new ImageSet(dir!).inventory();
      expect(inventory).toMatchObject({ img_version: 0, pre_dump_mode: 2 });
      expect(inventory.dump_uptime).toBeGreaterThan(0n);
      expect(victim.tracer).toBe(0);
      await expect(planRestore({ imagesDir: dir! })).rejects.toThrow(/pre-dump/);
    } finally {
      await victim.end();
    }
  });

  it('say how changed pages are found', async () => {
    const victim = await modelVictim();
    try {
      const [one, two] = chain(2);
      await preDump({ pid: victim.pid, imagesDir: one! });
      const log = recordedLog();
      await dump({
        pid: victim.pid,
        imagesDir: two!,
        prevImagesDir: '../1',
        trackMem: true,
        leaveRunning: true,
        log,
      });
      expect(log.lines.join('\n')).toMatch(
        (await missing('soft_dirty')) === null ? /soft-dirty/ : /noted for the tracker|comparing memory/,
      );
    } finally {
      await victim.end();
    }
  });

  it('free what earlier dumps have of it, at once or later', async () => {
    const victim = await modelVictim();
    try {
      const dirs = chain(3);
      await chainOf(victim, dirs);
      const [one, two, three] = dirs as [string, string, string];
      const before = room(one);
      expect(dedupParents(three)).toBeGreaterThan(0);
      expect(room(one)).toBeLessThan(before);
      // Nothing is left to be freed, and nothing that is needed is gone.
      expect(dedupParents(three)).toBe(0);
      await restore({ imagesDir: three, detached: true, autoDedup: true });
      expect(await victim.verify()).toBe('ok');
      // What is left are images without pages, which have a block of the file system each, three times.
      expect(room(one) + room(two) + room(three)).toBeLessThan(before / 4);
    } finally {
      await victim.end();
    }
  });

  it('free it as they go with --auto-dedup', async () => {
    const victim = await modelVictim();
    try {
      const [one, two] = chain(2) as [string, string];
      await preDump({ pid: victim.pid, imagesDir: one });
      expect(await victim.verify()).toBe('ok');
      const log = recordedLog();
      await dump({
        pid: victim.pid,
        imagesDir: two,
        prevImagesDir: '../1',
        autoDedup: true,
        leaveRunning: true,
        log,
      });
      expect(log.lines.some((line) => /^Freed [1-9]\d* bytes/.test(line))).toBe(true);
      expect(dedupParents(two)).toBe(0);
    } finally {
      await victim.end();
    }
  });

  it('that cannot be leave tasks and earlier dumps alone', async () => {
    const victim = await modelVictim();
    try {
      const [one, two] = chain(3) as [string, string, string];
      const { pid } = victim;
      for (const [prevImagesDir, message] of [
        ['../none', /does not exist/],
        ['../2', /own directory/],
        ['../3', /no finished dump/],
      ] as const)
        await expect(dump({ pid, imagesDir: two, prevImagesDir })).rejects.toThrow(message);
      await preDump({ pid, imagesDir: one });
      const size = room(one);
      for (const point of ['frozen', 'collect', 'pages', 'write']) {
        for (const run of [dump, preDump])
          await expect(
            run({ pid, imagesDir: two, prevImagesDir: '../1', autoDedup: true, faults: [point] }),
          ).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(readdirSync(two)).toEqual([]);
        expect(room(one)).toBe(size);
      }
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('whose parents are broken or gone are errors that name them', async () => {
    const victim = await modelVictim();
    try {
      const dirs = chain(4) as [string, string, string, string];
      await chainOf(victim, dirs);
      const [one, two, three, next] = dirs;
      const pages = readdirSync(one).filter((name) => name.startsWith('pages-'));
      const largest = pages.sort((a, b) => statSync(join(one, b)).size - statSync(join(one, a)).size)[0]!;
      cpSync(one, `${one}-whole`, { recursive: true });
      truncateSync(join(one, largest), 8192);
      await expect(restore({ imagesDir: three, detached: true })).rejects.toMatchObject({
        code: 'BAD_IMAGE',
      });
      expect(() => dedupParents(next)).toThrow(/no earlier dump/);
      rmSync(one, { recursive: true });
      await expect(restore({ imagesDir: three, detached: true })).rejects.toMatchObject({
        code: 'IMAGE_MISSING',
      });
      symlinkSync('../3', join(two, 'turn'));
      rmSync(join(two, 'parent'));
      symlinkSync('../3', join(two, 'parent'));
      await expect(restore({ imagesDir: three, detached: true })).rejects.toThrow(/lead back/);
      expect(() => dedupParents(three)).toThrow(/lead back/);
      rmSync(join(two, 'parent'));
      symlinkSync('../1', join(two, 'parent'));
      mkdirSync(one);
      cpSync(`${one}-whole`, one, { recursive: true });
      await restore({ imagesDir: three, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)('are restored by CRIU 4.2 (needs CRIU_PEER)', async () => {
    const victim = await modelVictim();
    try {
      const dirs = chain(3);
      await chainOf(victim, dirs);
      criu('restore', '-d', '-D', dirs[2]!, '-o', 'r.log', '-v4');
      expect(await victim.verify()).toBe('ok');
      expect(existsSync(`/proc/${victim.pid}`)).toBe(true);
    } finally {
      await victim.end();
    }
  });
});
