// Live snapshots (`dump --leave-running --live`): memory of one instant, written while the tasks run.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../../src/operations.js';
import { cleanUp, isRoot, peer, Victim } from '../../dump/victim.js';
import { family, free } from '../../support.js';
import { chain, criu, recordedLog } from '../support.js';

afterAll(cleanUp);

/** `npm run memory-rounds` has more of them. */
const ROUNDS = Number(process.env.MEMORY_ROUNDS ?? 2);
const MOST_MS = Math.max(60_000, ROUNDS * 20_000);

const start = (env: Record<string, string> = {}) =>
  Victim.start('one-instant', env, new URL('victims/one-instant.c', import.meta.url));

/** Ends a victim and waits until its pids are free. */
async function away(victim: Victim): Promise<void> {
  const pids = family(victim.pid);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await free(pids);
}

const children = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').split(' ').filter(Boolean),
  );

describe.skipIf(!isRoot)('a live snapshot (needs root)', () => {
  it('is of one instant, and the tasks do not notice', { timeout: MOST_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const victim = await start();
      try {
        const [imagesDir = ''] = chain(1);
        const log = recordedLog();
        const before = children(victim.pid);
        await dump({ pid: victim.pid, imagesDir, leaveRunning: true, live: true, log });
        expect(log.lines.join('\n')).toMatch(/are not held by a fork: copied while it stands still/);
        // Nothing is left of who held the memory.
        expect(children(victim.pid)).toEqual(before);
        expect(await victim.verify()).toBe('ok');
        await away(victim);
        await restore({ imagesDir, detached: true });
        expect(await victim.verify()).toBe('ok');
      } finally {
        await victim.end();
      }
    }
  });

  it.skipIf(!peer)('is restored by CRIU 4.2', async () => {
    const victim = await start();
    try {
      const [imagesDir = ''] = chain(1);
      await dump({ pid: victim.pid, imagesDir, leaveRunning: true, live: true });
      await away(victim);
      criu('restore', '-d', '-D', imagesDir);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each(['describe', 'write', 'guard'])('that fails costs nothing but itself (%s)', async (point) => {
    const victim = await start();
    try {
      const [imagesDir = ''] = chain(1);
      const before = children(victim.pid);
      const failed = dump({ pid: victim.pid, imagesDir, leaveRunning: true, live: true, faults: [point] });
      await expect(failed).rejects.toThrow();
      expect(children(victim.pid)).toEqual(before);
      expect(existsSync(`${imagesDir}/inventory.img`)).toBe(false);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is for tasks that run on', async () => {
    const [imagesDir = ''] = chain(1);
    await expect(dump({ pid: process.ppid, imagesDir, live: true })).rejects.toThrow(
      /only tasks that run on/,
    );
  });
});
