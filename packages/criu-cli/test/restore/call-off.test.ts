// A restore that is called off, by whoever asked for it or by its time limit, ends whatever its tasks are waiting for.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHASES } from '../../src/engine/plan.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { family, free, freshDir, until } from '../support.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

afterAll(cleanUp);

/** A victim's images, and the pids that have to be free for it. */
async function dumped(name: string, source?: URL) {
  const victim = await Victim.start(name, {}, source);
  const pids = family(victim.pid);
  const imagesDir = freshDir();
  await dump({ pid: victim.pid, imagesDir });
  await free(pids);
  return { victim, pids, imagesDir };
}

describe.skipIf(!isRoot)('a restore whose task waits for ever (needs root)', () => {
  let one: Awaited<ReturnType<typeof dumped>>;
  beforeAll(async () => {
    one = await dumped('everything');
  });

  it.each(PHASES.map(({ name }) => name))('ends when it is called off in the phase %s', async (phase) => {
    const { imagesDir, pids } = one;
    const abort = new AbortController();
    const onProgress = ({ message }: { message: string }) => {
      if (message.startsWith(phase)) setTimeout(() => abort.abort(), 30);
    };
    const faults = [`stall:${phase}`];
    await expect(
      restore({ imagesDir, detached: true, faults, signal: abort.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  });
});

describe.skipIf(!isRoot)('a restore that hands over (needs root)', () => {
  // From the moment at which agents are still there to one at which the tasks run already.
  it.each([0, 2, 5, 10, 20, 40])('is whole or undone when it is called off after %i ms', async (after) => {
    const { victim, imagesDir, pids } = await dumped('everything');
    const abort = new AbortController();
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'commit') setTimeout(() => abort.abort(), after);
    };
    const error = await restore({ imagesDir, detached: true, signal: abort.signal, onProgress }).then(
      () => undefined,
      (e: unknown) => e,
    );
    if (error === undefined) expect(await victim.verify()).toBe('ok');
    else {
      expect(error).toMatchObject({ code: 'ABORTED' });
      expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    }
    await victim.end();
  });
});

describe.skipIf(!isRoot)('a restore whose tasks wait for each other for ever (needs root)', () => {
  let several: Awaited<ReturnType<typeof dumped>>;
  beforeAll(async () => {
    several = await dumped('unix', new URL('victims/unix.c', import.meta.url));
  });
  afterAll(() => several.victim.end());

  it('ends when its time is over', async () => {
    const { imagesDir, pids } = several;
    expect(pids.length).toBeGreaterThan(1);
    await expect(
      restore({ imagesDir, detached: true, faults: ['stall:files'], timeout: 0.3 }),
    ).rejects.toMatchObject({ code: 'TIMEOUT', message: 'the restore took longer than 0.3 s' });
    await free(pids);
  });

  it('ends by SIGTERM, and the images are still good', async () => {
    const { imagesDir, pids, victim } = several;
    const env = { ...process.env, CRIU_FAULT: 'stall:share' };
    const child = spawn(criu, ['restore', '-d', '-D', imagesDir, '-v0'], { env, stdio: 'ignore' });
    await until('the root task', () => existsSync(`/proc/${victim.pid}`));
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(143);
    await free(pids);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });
});
