// criu itself killed with SIGKILL at some moment: in a dump its victim lives on, in a restore nothing is left.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const ROUNDS = 12;

afterAll(cleanUp);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Milliseconds that a whole run takes, so that kills spread over it. */
async function timed(run: () => ChildProcess): Promise<number> {
  const start = Date.now();
  await ended(run());
  return Date.now() - start;
}

const cmdline = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'latin1');

/** Agents that nobody drives any more; those of other tests that run on this machine have a living node above them. */
function agents(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !cmdline(pid).startsWith('criu-agent\0')) return false;
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
      return parent === undefined || !/^[^\0]*(node|criu-agent)\0/.test(cmdline(parent));
    } catch {
      return false;
    }
  });
}

async function agentsGone(): Promise<string[]> {
  for (let i = 0; i < 100 && agents().length > 0; i++) await pause(20);
  return agents();
}

describe.skipIf(!isRoot)('criu killed with SIGKILL (needs root)', () => {
  // Bundles the command if it is not built, which is no part of what is timed.
  beforeAll(() => void execFileSync(criu, ['--version']));

  it('in a dump leaves the task running as it was', async () => {
    const victim = await Victim.start('everything');
    const dir = join(scratch(), 'killed-dump');
    const run = () => {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir);
      return spawn(criu, ['dump', '-t', String(victim.pid), '-D', dir, '-R', '-v0'], { stdio: 'ignore' });
    };
    try {
      const whole = await timed(run);
      for (let i = 0; i < ROUNDS; i++) {
        const child = run();
        await pause((whole * (i + 1)) / (ROUNDS + 1));
        child.kill('SIGKILL');
        if (child.exitCode === null) await ended(child);
        expect(await agentsGone()).toEqual([]);
        expect(victim.tracer).toBe(0);
        expect(await victim.verify(), `round ${i}`).toBe('ok');
        expect(readFileSync(`/proc/${victim.pid}/maps`, 'utf8')).not.toContain('rwxp');
      }
    } finally {
      await victim.end();
    }
  });

  it('in a restore leaves no task behind', async () => {
    const victim = await Victim.start('everything');
    const dir = join(scratch(), 'killed-restore');
    mkdirSync(dir);
    await dump({ pid: victim.pid, imagesDir: dir });
    await victim.gone();
    const run = () => spawn(criu, ['restore', '-d', '-D', dir, '-v0'], { stdio: 'ignore' });
    const whole = await timed(run);
    const kill = async () => {
      if (existsSync(`/proc/${victim.pid}`)) process.kill(victim.pid, 'SIGKILL');
      for (let n = 0; n < 200 && existsSync(`/proc/${victim.pid}`); n++) await pause(10);
    };
    await kill();
    for (let i = 0; i < ROUNDS; i++) {
      const child = run();
      await pause((whole * (i + 1)) / (ROUNDS + 1));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await ended(child);
      expect(await agentsGone(), `round ${i}`).toEqual([]);
      // Either it was through, and the task is whole, or there is none: an agent that has its task's name already
      // takes a moment to end, and whoever inherits it another to notice.
      await pause(300);
      if ((victim.state ?? 'Z') !== 'Z') expect(await victim.verify(), `round ${i}`).toBe('ok');
      await kill();
    }
  });
});
