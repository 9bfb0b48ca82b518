// Changed pages that the kernel notes for a tracker, from one dump to the next (`--track-mem`).
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../../src/features/index.js';
import { dump, preDump, restore } from '../../../src/operations.js';
import { trackedTasks, untrack } from '../../../src/pages/tracker.js';
import { cleanUp, isRoot, peer, Victim } from '../../dump/victim.js';
import { family, free, until } from '../../support.js';
import { chain, criu, modelVictim, recordedLog } from '../support.js';

afterAll(cleanUp);

// Where the kernel has marks of its own there is no tracker.
const soft = (await missing('soft_dirty')) === null;
const marks = (pid: number) => /^VmFlags:.* uw/m.test(readFileSync(`/proc/${pid}/smaps`, 'utf8'));
const NOTED = /found by what the kernel has noted for the tracker/;
const up = (dir: string) => `../${dir.split('/').at(-1)}`;

async function away(victim: Victim): Promise<void> {
  const pids = family(victim.pid);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await free(pids);
}

describe.skipIf(!isRoot || soft)('tracked dumps (needs root, and a kernel without soft-dirty)', () => {
  it('find what has changed, and come back whole', async () => {
    const victim = await modelVictim();
    try {
      const { pid } = victim;
      const [one = '', two = '', three = ''] = chain(3);
      const first = recordedLog();
      await preDump({ pid, imagesDir: one, log: first });
      if (!marks(pid)) {
        // Kernels before 6.7 take no such tracker: then memory is compared, and that is said.
        expect(first.lines.join('\n')).toMatch(/changed pages are not tracked/);
        return;
      }
      expect(await victim.verify()).toBe('ok');
      const log = recordedLog();
      const second = await preDump({ pid, imagesDir: two, prevImagesDir: up(one), log });
      expect(log.lines.join('\n')).toMatch(NOTED);
      expect(second.stats.pagesSkippedParent).toBeGreaterThan(700);
      expect(await victim.verify()).toBe('ok');
      const last = recordedLog();
      const result = await dump({
        pid,
        imagesDir: three,
        prevImagesDir: up(two),
        trackMem: true,
        leaveRunning: true,
        live: true,
        log: last,
      });
      expect(last.lines.join('\n')).toMatch(NOTED);
      expect(result.stats.pagesSkippedParent).toBeGreaterThan(700);
      await away(victim);
      await until('the tracker ends with the tree', () => !trackedTasks().has(pid));
      await restore({ imagesDir: three, detached: true });
      expect(await victim.verify()).toBe('ok');
      if (!peer) return;
      await away(victim);
      criu('restore', '-d', '-D', three);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('leave alone what nobody has touched', async () => {
    const victim = await Victim.start('untouched', {}, new URL('victims/untouched.c', import.meta.url));
    try {
      const { pid } = victim;
      const [one = '', two = ''] = chain(2);
      const tables = () =>
        Number(/^VmPTE:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
      const before = tables();
      const first = await preDump({ pid, imagesDir: one });
      expect(await victim.verify()).toBe('ok');
      expect(tables()).toBeLessThan(before + 100);
      const pids = family(pid);
      const { stats } = await dump({ pid, imagesDir: two, prevImagesDir: up(one), trackMem: true });
      expect(stats.pagesWritten).toBeLessThan(first.stats.pagesWritten);
      await free(pids);
      await restore({ imagesDir: two, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('compare with a dump that was not the last to note changes', async () => {
    const victim = await modelVictim();
    try {
      const { pid } = victim;
      const [one = '', two = '', three = ''] = chain(3);
      await preDump({ pid, imagesDir: one });
      await preDump({ pid, imagesDir: two, prevImagesDir: up(one) });
      const log = recordedLog();
      const pids = family(pid);
      await dump({ pid, imagesDir: three, prevImagesDir: up(one), trackMem: true, log });
      expect(log.lines.join('\n')).toMatch(/comparing memory/);
      await free(pids);
      await restore({ imagesDir: three, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('track a task again that has executed another program', async () => {
    const victim = await Victim.start('executes', {}, new URL('victims/executes.c', import.meta.url));
    try {
      const { pid } = victim;
      const [one = '', two = '', three = ''] = chain(3);
      await preDump({ pid, imagesDir: one });
      if (!marks(pid)) return;
      process.kill(pid, 'SIGUSR2');
      await until('it executes itself', () => !marks(pid));
      expect(await victim.verify()).toBe('ok');
      await preDump({ pid, imagesDir: two, prevImagesDir: up(one) });
      expect(marks(pid)).toBe(true);
      const pids = family(pid);
      const { stats } = await dump({ pid, imagesDir: three, prevImagesDir: up(two), trackMem: true });
      expect(stats.pagesSkippedParent).toBeGreaterThan(1000);
      await free(pids);
      await restore({ imagesDir: three, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('leave tasks as they were when the tracker goes', async () => {
    const victim = await modelVictim();
    try {
      const { pid } = victim;
      const fds = readdirSync(`/proc/${pid}/fd`);
      const [one = '', two = ''] = chain(2);
      await preDump({ pid, imagesDir: one });
      expect(readdirSync(`/proc/${pid}/fd`)).toEqual(fds);
      await untrack(pid);
      expect(marks(pid)).toBe(false);
      expect(trackedTasks().has(pid)).toBe(false);
      expect(await victim.verify()).toBe('ok');
      const log = recordedLog();
      await dump({ pid, imagesDir: two, prevImagesDir: up(one), trackMem: true, leaveRunning: true, log });
      expect(log.lines.join('\n')).toMatch(/comparing memory/);
    } finally {
      await victim.end();
    }
  });
});
