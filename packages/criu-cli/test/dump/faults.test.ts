// A failure at any point of a dump: the task runs on as if nothing had happened, and no checkpoint is left.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { close, sys } from '@criu/native';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { dump } from '../../src/operations.js';
import { resources } from '../../src/resources/index.js';
import { freshDir } from '../support.js';
import { cleanUp, isRoot, scratch, Victim } from './victim.js';

afterAll(cleanUp);

async function failure(work: Promise<unknown>): Promise<CriuError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CriuError);
  return error as CriuError;
}

describe.skipIf(!isRoot)('a dump that fails (needs root)', () => {
  let victim: Victim;
  beforeEach(async () => {
    victim = await Victim.start('everything');
  });
  afterEach(() => victim.end());

  const points = [
    'freeze',
    'frozen',
    'collect',
    'infect',
    ...resources.dumps.map((m) => `collect:${m.name}`),
    'infected',
    'file:file',
    'file:pipe',
    'file:memfd',
    'file:epoll',
    'pages',
    'describe',
    ...resources.dumps.map((m) => `describe:${m.name}`),
    'write',
    'cure',
  ];
  for (const kill of [true, false])
    it(`at every point of ${kill ? 'a dump that would end the task' : 'one that leaves it running'}`, async () => {
      for (const point of points) {
        const dir = freshDir();
        const error = await failure(
          dump({ pid: victim.pid, imagesDir: dir, leaveRunning: !kill, faults: [point] }),
        );
        expect(error.message).toBe(`fault point ${point}`);
        expect(victim.tracer).toBe(0);
        expect([point, await victim.verify()]).toEqual([point, 'ok']);
        expect([point, readdirSync(dir)]).toEqual([point, []]);
      }
    });

  it('by an abort leaves the task running', async () => {
    const abort = new AbortController();
    const error = await failure(
      dump({
        pid: victim.pid,
        imagesDir: freshDir(),
        signal: abort.signal,
        onProgress: (e) => e.phase === 'collect' && abort.abort(),
      }),
    );
    expect(error.code).toBe('ABORTED');
    expect(await victim.verify()).toBe('ok');
  });

  it('on a full disk says so, leaves the task running and no inventory', async () => {
    const dir = freshDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
    try {
      for (const leaveRunning of [true, false]) {
        const error = await failure(dump({ pid: victim.pid, imagesDir: dir, leaveRunning }));
        expect(error.code).toBe('NO_SPACE');
        expect(error.explain()).toMatch(/make room/);
        expect(existsSync(join(dir, 'inventory.img'))).toBe(false);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      execFileSync('umount', [dir]);
    }
  });

  it('refuses a directory that another dump writes to', async () => {
    const dir = freshDir();
    const other = openSync(dir, 'r');
    sys('flock', other, 2);
    try {
      expect((await failure(dump({ pid: victim.pid, imagesDir: dir }))).code).toBe('IMAGE_DIR_IN_USE');
    } finally {
      close(other);
    }
    expect(await victim.verify()).toBe('ok');
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    await dump({ pid: victim.pid, imagesDir: dir, leaveRunning: true });
    expect(await victim.verify()).toBe('ok');
  });

  it('names a descriptor that cannot be dumped', async () => {
    const error = await failure(
      dump({ pid: victim.pid, imagesDir: freshDir(), ghostLimit: 1, leaveRunning: true }),
    );
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.explain()).toMatch(/fd \d+, .*ghost.*more than the limit of 1/);
    expect(await victim.verify()).toBe('ok');
  });
});

describe.skipIf(!isRoot)('a target that cannot be dumped (needs root)', () => {
  const refused = (pid: number) => failure(dump({ pid, imagesDir: freshDir() }));

  it('is a pid of nobody', async () => {
    expect((await refused(0x3fffff)).code).toBe('NO_SUCH_TASK');
    expect((await refused(0)).code).toBe('BAD_OPTION');
  });

  it('is this process, or an ancestor of it', async () => {
    expect(await refused(process.pid)).toMatchObject({ code: 'NOT_DUMPABLE', object: { pid: process.pid } });
    expect((await refused(process.ppid)).message).toMatch(/ancestor/);
  });

  it.skipIf(!existsSync('/proc/2/comm'))('is a kernel thread', async () => {
    expect((await refused(2)).message).toMatch(/kernel thread/);
  });

  it('is a zombie', async () => {
    // Its parent stands still and does not wait for it.
    const parent = await Victim.start('tree');
    try {
      const zombie = execFileSync('ps', ['-o', 'pid=,stat=', '--ppid', String(parent.pid)], {
        encoding: 'utf8',
      })
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .find(([, stat]) => stat?.startsWith('Z'))?.[0];
      expect((await refused(Number(zombie))).message).toMatch(/zombie/);
    } finally {
      await parent.end();
    }
  });

  it('is not even looked at when the options ask for what cannot be done', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const ask = (more: object) => failure(dump({ pid: child.pid ?? 0, imagesDir: freshDir(), ...more }));
    expect((await ask({ prevImagesDir: '../none' })).code).toBe('BAD_OPTION');
    expect((await ask({ leaveRunning: true, leaveStopped: true })).code).toBe('BAD_OPTION');
    child.kill('SIGKILL');
  });

  it('has an images directory that is not there', async () => {
    const error = await failure(dump({ pid: process.ppid, imagesDir: join(scratch(), 'no', 'such') }));
    expect(error.code).toBe('NOT_DUMPABLE');
  });
});
