// We are killed at any moment: the tracer puts the victims back. And many visits of a program that watches itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Program, Tracer } from '@criu/compel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRoot, Lab, until } from './victim.js';

if (!isRoot) console.log('hangup.test.ts: skipped: needs root');

/** Visits of the stress test; a thousand and more by hand: COMPEL_STRESS=1000. */
const VISITS = Number(process.env.COMPEL_STRESS ?? 100);

/** Until a process has exited; whoever inherits it may take its time to wait for it. */
async function gone(pid: number): Promise<void> {
  await until(`process ${pid} has ended`, () => {
    try {
      return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return true;
    }
  });
}

/** The pid of the tracer that a process of ours, which is killed soon, says in its first line. */
function firstLine(orphan: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    orphan.stdout!.once('data', (line) => resolve(Number(line)));
    orphan.once('exit', () => reject(new Error('the process that is to be killed ended by itself')));
  });
}

function mappings(pid: number): string[] {
  // A running thread may grow its malloc arena; what counts is that nothing of ours is left.
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .filter((l) => /^[2-5][0-9a-f]{11}-/.test(l) && !l.includes('/') && !l.includes('['));
}

describe.skipIf(!isRoot)('victims', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(() => lab.close());

  test('live on when we are killed at any moment', async () => {
    const victim = await lab.victim('checker', '5');
    const fds = readdirSync(`/proc/${victim.pid}/fd`);
    const script = fileURLToPath(new URL('orphan.mjs', import.meta.url));
    for (let round = 0; round < 12; round++) {
      const orphan = spawn(process.execPath, [script, String(victim.pid)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const tracer = await firstLine(orphan);
      await sleep(20 + Math.random() * 20);
      orphan.kill('SIGKILL');
      await gone(tracer);
      expect(mappings(victim.pid)).toEqual([]);
      expect(readdirSync(`/proc/${victim.pid}/fd`)).toEqual(fds);
      expect(readFileSync(`/proc/${victim.pid}/status`, 'utf8')).toMatch(/TracerPid:\t0/);
    }
    expect(await victim.verdict()).toBe('ok');
  });

  test('is put back when we are killed while it waits in a program of ours', async () => {
    const victim = await lab.victim('checker', '2');
    const source = `
      import { Program, Tracer } from '@criu/compel';
      const tracer = await Tracer.start();
      const task = await tracer.seize(${victim.pid});
      const session = await task.infect();
      const p = new Program('wait');
      p.syscall('pause', []);
      setTimeout(() => console.log(tracer.pid), 50);
      await session.run(p);`;
    const orphan = spawn(process.execPath, ['--input-type=module', '-e', source], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const tracer = await firstLine(orphan);
    orphan.kill('SIGKILL');
    await gone(tracer);
    expect(mappings(victim.pid)).toEqual([]);
    expect(await victim.verdict()).toBe('ok');
  });

  for (const [threads, visits] of [
    [1, VISITS],
    [64, Math.ceil(VISITS / 10)],
  ] as const)
    test(`with ${threads} threads at full speed are visited ${visits} times and notice nothing`, async () => {
      const victim = await lab.victim('checker', String(threads));
      await using tracer = await Tracer.start();
      for (let i = 0; i < visits; i++) {
        const task = await tracer.seize(victim.pid);
        const session = await task.infect();
        const p = new Program('visit');
        for (let k = 0; k < 10; k++) p.syscall('getpid', []);
        for (const { tid } of task.threads) await session.run(p, { tid });
        await task.resume();
      }
      expect(mappings(victim.pid)).toEqual([]);
      expect(await victim.verdict()).toBe('ok');
    }, 600_000);
});
