// How far a dump is: a line on a terminal, and events of the API.
import { afterAll, describe, expect, it } from 'vitest';
import { progressLine } from '../../src/cli/progress.js';
import { dump } from '../../src/operations.js';
import type { ProgressEvent } from '../../src/options.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { freshDir } from '../support.js';

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
