// Jobs of a shell (-j): they come back at the terminal, in the session and in the foreground of whoever restores.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { until } from '../support.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
// script(1) of util-linux gives a terminal.
const hasScript = spawnSync('script', ['--version']).status === 0;

/** Runs a command at a terminal of its own. */
function atTerminal(
  command: string,
  env: Record<string, string>,
): { child: ChildProcess; output: () => string } {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stdout!.on('data', (chunk) => {
    text += chunk;
  });
  return { child, output: () => text };
}

describe.skipIf(!isRoot || !hasScript)('jobs of a shell (need root and script(1))', () => {
  it('come back at the terminal of whoever restores, and not without one', async () => {
    const victim = join(scratch(), 'job');
    const source = fileURLToPath(new URL('victims/job.c', import.meta.url));
    execFileSync('cc', ['-O1', '-w', '-o', victim, source]);
    const imagesDir = join(scratch(), 'images');
    mkdirSync(imagesDir);
    const result = join(scratch(), 'result');
    const answer = () =>
      until('the victim answers', () => {
        if (!existsSync(result)) return undefined;
        const text = readFileSync(result, 'utf8').trim();
        rmSync(result);
        return text;
      });
    const shell = atTerminal(`set -m; ${victim}; true`, {
      RESULT: `${result}.tmp`,
      RESULT_DONE: result,
      SHELL: '/bin/sh',
    });
    const pid = Number(await answer());
    await expect(dump({ pid, imagesDir, leaveRunning: true })).rejects.toMatchObject({
      remedy: expect.stringMatching(/--shell-job/),
    });
    await dump({ pid, imagesDir, shellJob: true });
    await until('the job is gone', () => !existsSync(`/proc/${pid}`));
    shell.child.stdin!.end();
    await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      remedy: expect.stringMatching(/--shell-job/),
    });
    const back = atTerminal(`${criu} restore -j -D ${imagesDir} -o restore.log`, {});
    try {
      await until(
        'the job is back',
        () => existsSync(`/proc/${pid}/exe`) && back.output() === '' && restored(pid),
      );
      process.kill(pid, 'SIGUSR1');
      expect(await answer()).toBe('ok');
      await until('it is seen', () => back.output().includes('still here'));
    } finally {
      process.kill(pid, 'SIGKILL');
      await new Promise((resolve) => back.child.once('exit', resolve));
      shell.child.kill('SIGKILL');
    }
  });
});

/** Whether the task runs its own program and nobody traces it any more. */
function restored(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^Name:\tjob$/m.test(status) && /^TracerPid:\t0$/m.test(status) && /^State:\tS/m.test(status);
  } catch {
    return false;
  }
}
