// Warm-up of a service process (such as `criu service`) while it waits for requests: it dumps and restores a small
// program of its own, so that V8 has compiled and optimised the code before the first request.
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { mkdirSync, rmSync } from '@criu/native/fs';
import { silentLogger } from '../log.js';
import { dump } from './dump.js';
import type { Resources } from './resource.js';
import { restore } from './restore.js';

/** `sleep` ends by itself in case this process is killed meanwhile. */
const PROGRAM = ['sleep', ['20']] as const;
const ROUNDS = 4;

async function once(imagesDir: string, resources: Resources): Promise<void> {
  const child = spawn(...PROGRAM, { stdio: 'ignore', detached: true, env: {}, cwd: '/' });
  const gone = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const { pid = 0 } = child;
  let restored: number | undefined;
  try {
    await dump({ pid, imagesDir, log: silentLogger }, resources);
    await gone;
    restored = (await restore({ imagesDir, detached: true, log: silentLogger }, resources)).pid;
  } finally {
    if (restored === undefined) child.kill('SIGKILL');
    else process.kill(restored, 'SIGKILL');
  }
}

/** Practises a few rounds. Errors are ignored: they only make the first real request slower. */
export async function practise(resources: Resources): Promise<void> {
  const imagesDir = `${tmpdir()}/criu-practice-${process.pid}`;
  try {
    mkdirSync(imagesDir, { mode: 0o700 });
    for (let round = 0; round < ROUNDS; round++) await once(imagesDir, resources);
  } catch (error) {
    silentLogger.debug((error as Error).message);
  } finally {
    rmSync(imagesDir, { recursive: true, force: true });
  }
}
