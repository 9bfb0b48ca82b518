// criu itself killed with SIGKILL at some moment: in a dump its victim lives on, in a restore nothing is left.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sys, sysRaw } from '@criu/native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { until } from '../support.js';

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

// What a killed criu leaves becomes a child of this process, so that nothing of other tests is taken for it.
if (isRoot) sys('prctl', 36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);
const WNOHANG = 1;

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

const below = (pid: number): number[] =>
  read(pid, `task/${pid}/children`)
    .split(' ')
    .filter(Boolean)
    .flatMap((child) => [Number(child), ...below(Number(child))]);

/** Waits for what has ended below this process. Not while node has children that end: it waits for those itself. */
function reap(): void {
  for (const pid of below(process.pid))
    if (/^State:\s+Z/m.test(read(pid, 'status'))) sysRaw('wait4', pid, new Int32Array(2), WNOHANG, null);
}

/** Waits until all agents of a criu that was killed have ended. */
async function agentsGone(): Promise<void> {
  await until('no agent is left', () => {
    reap();
    return !below(process.pid).some((pid) => read(pid, 'cmdline').startsWith('criu-agent\0'));
  });
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
        await agentsGone();
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
      await until('the task is gone', () => {
        reap();
        return !existsSync(`/proc/${victim.pid}`);
      });
    };
    await kill();
    for (let i = 0; i < ROUNDS; i++) {
      const child = run();
      await pause((whole * (i + 1)) / (ROUNDS + 1));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await ended(child);
      await agentsGone();
      // Either criu was through, and the task is whole, or there is none: an agent that has its task's name already
      // takes a moment to end.
      const found = await victim.verify().catch((error: Error) => error.message);
      expect(found, `round ${i}`).toMatch(/^(ok|kill ESRCH|victim \d+ has ended)$/);
      await kill();
    }
  });

  it.each(['pre-resume', 'post-resume'])(
    'in %s leaves no task behind, as nobody has heard of any',
    async (stage) => {
      const victim = await Victim.start('everything');
      const dir = join(scratch(), `killed-${stage}`);
      mkdirSync(dir);
      await dump({ pid: victim.pid, imagesDir: dir });
      await victim.gone();
      const script = join(dir, 'script');
      writeFileSync(script, `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" != ${stage} ] || kill -9 $PPID\n`, {
        mode: 0o755,
      });
      const child = spawn(criu, ['restore', '-d', '-D', dir, '-v0', '--action-script', script], {
        stdio: 'ignore',
      });
      await ended(child);
      expect(child.signalCode).toBe('SIGKILL');
      await agentsGone();
      await until('the task is gone', () => {
        reap();
        return !existsSync(`/proc/${victim.pid}`);
      });
    },
  );
});
