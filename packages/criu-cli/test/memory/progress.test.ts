// How far a dump or a restore is: a line on a terminal, and events of the API.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { progressLine } from '../../src/cli/progress.js';
import { showFilling } from '../../src/engine/fill-progress.js';
import type { TaskRun } from '../../src/engine/plan.js';
import { dump, restore } from '../../src/operations.js';
import type { ProgressEvent, RestoreOptions } from '../../src/options.js';
import type { PageSource } from '../../src/pages/sources/source.js';
import { StoredRuns } from '../../src/pages/sources/stored.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

describe('the line of a terminal', () => {
  const event: ProgressEvent = { phase: 'write', message: 'writing memory', done: 1 << 29, total: 1 << 30 };
  it('has rate and remaining time where they are known', () => {
    expect(progressLine({ ...event, rate: 300 << 20, remaining: 1.7 }, 2, 120)).toBe(
      'write    [==========          ]  50% writing memory (2.0 s, 300 MiB/s, 2 s left)',
    );
    expect(progressLine({ ...event, rate: 1.5 * 2 ** 30, remaining: 0 }, 2, 120)).toContain(
      '1.5 GiB/s, 0 s left',
    );
    expect(progressLine(event, 2, 120)).toBe('write    [==========          ]  50% writing memory (2.0 s)');
  });
  it('is cut to the width', () => {
    expect(progressLine({ ...event, rate: 5 }, 2, 20)).toHaveLength(19);
  });
});

describe.skipIf(!isRoot)('a restore of much memory (needs root)', () => {
  it('tells how far it is, and never goes back', async () => {
    const victim = await Victim.start('fill', {}, new URL('victims/fill.c', import.meta.url));
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      const events: ProgressEvent[] = [];
      await restore({
        imagesDir,
        detached: true,
        onProgress: (event) => void events.push(event),
      });
      for (const { message, done = 0, total = 0, rate = 1, remaining = 0 } of events) {
        expect(done).toBeLessThanOrEqual(total);
        expect(rate).toBeGreaterThan(0);
        expect(remaining).toBeGreaterThanOrEqual(0);
        if (done > 0) expect(message).toBe('reading memory');
      }
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('counts what the tasks have of what they are to have', async () => {
    const events: ProgressEvent[] = [];
    const bytes = 1 << 30;
    const pages = {
      readable: true,
      ranges: () => StoredRuns.of([{ start: 0n, end: BigInt(bytes), file: 'pages', offset: 0 }]),
    } as unknown as PageSource;
    const run = { hostPid: process.pid, plan: { pid: process.pid } } as unknown as TaskRun;
    const show = (options: Partial<RestoreOptions>) =>
      showFilling({ onProgress: (event) => void events.push(event), ...options } as RestoreOptions, pages, [
        run,
      ]);
    for (const options of [{ lazy: true }, { lazyPages: true }]) {
      using _later = show(options);
      await sleep(300);
    }
    expect(events).toEqual([]);
    {
      using _shown = show({});
      await sleep(700);
    }
    const count = events.length;
    expect(count).toBeGreaterThan(0);
    await sleep(300);
    expect(events).toHaveLength(count);
    for (const { done = 0, total, rate = 0, remaining = 0 } of events) {
      expect(total).toBe(bytes);
      expect(done).toBeGreaterThan(1 << 20);
      expect(rate * remaining).toBeCloseTo(bytes - done, -3);
    }
  });
});

describe.skipIf(!isRoot)('a dump of much memory (needs root)', () => {
  it('tells how far it is, and never goes back', async () => {
    const victim = await Victim.start('fill', {}, new URL('victims/fill.c', import.meta.url));
    try {
      const events: ProgressEvent[] = [];
      const onProgress = (event: ProgressEvent) => void events.push(event);
      await dump({ pid: victim.pid, imagesDir: freshDir(), leaveRunning: true, compress: true, onProgress });
      const done = events.flatMap((event) =>
        event.phase === 'write' && event.done !== undefined ? [event.done] : [],
      );
      expect(done.length).toBeGreaterThan(0);
      expect([...done].sort((a, b) => a - b)).toEqual(done);
      for (const { done: so = 0, total = 0, rate = 1, remaining = 0 } of events) {
        expect(so).toBeLessThanOrEqual(total);
        expect(rate).toBeGreaterThan(0);
        expect(remaining).toBeGreaterThanOrEqual(0);
      }
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
