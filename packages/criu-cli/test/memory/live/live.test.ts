// Live snapshots (`dump --leave-running --live`): memory of one instant, written while the tasks run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { vforkWait } from '@criu/compel';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../../src/operations.js';
import { readStat } from '../../../src/proc/index.js';
import { cleanUp, isRoot, peer, Victim } from '../../dump/victim.js';
import { family, free, until } from '../../support.js';
import { chain, criu, recordedLog } from '../support.js';

afterAll(cleanUp);

const criuCommand = fileURLToPath(new URL('../../../bin/criu', import.meta.url));
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

/** What a copy does last when it is made. */
function leadsSession(pid: string): boolean {
  try {
    return readStat(Number(pid)).session === Number(pid);
  } catch {
    // It has gone meanwhile.
    return false;
  }
}

/** Waits a moment without letting anything else of this process run. */
const pause = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);

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

  it.each([
    ['stand still', false],
    ['run again', true],
  ])('leaves no copy behind when criu is killed while the tasks %s', async (_, released) => {
    const victim = await Victim.start('fill', {}, new URL('../victims/fill.c', import.meta.url));
    try {
      const before = children(victim.pid);
      for (let round = 0; round < 3; round++) {
        const [dir = ''] = chain(1);
        // Packing takes longer, so that there is time.
        const args = [
          'dump',
          '-t',
          `${victim.pid}`,
          '-D',
          dir,
          '-R',
          '--live',
          '--compress',
          '-o',
          'dump.log',
        ];
        const command = spawn(criuCommand, args, { stdio: 'ignore' });
        const ended = once(command, 'exit');
        const held = () => children(victim.pid).some(leadsSession) && (!released || victim.tracer === 0);
        while (command.exitCode === null && !held()) await sleep(1);
        command.kill('SIGKILL');
        expect(await ended).toEqual([null, 'SIGKILL']);
        await until('the copy is gone', () => children(victim.pid).length === before.length);
        await until('the task is let go', () => victim.tracer === 0);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  /** Dumps a victim, and does something as soon as forks hold the memory and the tasks run again. */
  async function whileHeld(pid: number, act: () => void): Promise<void> {
    const [imagesDir = ''] = chain(1);
    let acted = false;
    await dump({
      pid,
      imagesDir,
      leaveRunning: true,
      live: true,
      // Packing takes longer, so that there is time.
      compress: 'zstd',
      onProgress({ phase }) {
        if (acted || phase !== 'describe') return;
        acted = true;
        act();
      },
    });
    expect(acted).toBe(true);
  }

  const parents = (CASE: string) =>
    Victim.start('parents', { CASE }, new URL('victims/parents.c', import.meta.url));

  it('is not noticed by who inherits the copy of a child that ends meanwhile', async () => {
    const victim = await parents('orphan');
    try {
      const [child = ''] = children(victim.pid);
      await whileHeld(victim.pid, () => {
        process.kill(victim.pid, 'SIGUSR2');
        while (readStat(Number(child)).state !== 'Z') pause();
      });
      expect(children(victim.pid)).toEqual([child]);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('leaves no copy to a task that waits in vfork() meanwhile', async () => {
    const victim = await parents('vfork');
    try {
      await whileHeld(victim.pid, () => {
        process.kill(victim.pid, 'SIGUSR2');
        while (!vforkWait(victim.pid, victim.pid)) pause();
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('costs the copy, not the task, when memory runs out', async () => {
    const victim = await Victim.start('fill', {}, new URL('../victims/fill.c', import.meta.url));
    const score = (pid: number | string) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1'));
    try {
      const before = score(victim.pid);
      await whileHeld(victim.pid, () => {
        expect(children(victim.pid).filter(leadsSession).map(score)).toEqual([1000]);
        expect(score(victim.pid)).toBe(before);
      });
    } finally {
      await victim.end();
    }
  });

  it('tells when somebody else ends the copy', async () => {
    const victim = await Victim.start('fill', {}, new URL('../victims/fill.c', import.meta.url));
    try {
      const failed = whileHeld(victim.pid, () => {
        for (const pid of children(victim.pid).filter(leadsSession)) process.kill(Number(pid), 'SIGKILL');
      });
      await expect(failed).rejects.toMatchObject({
        code: 'TASK_DIED',
        object: { pid: victim.pid },
        message: expect.stringMatching(/the fork that held its memory was ended by somebody/),
      });
      expect(children(victim.pid)).toEqual([]);
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
