// A restore that fails leaves nothing behind: no task, no file; and what it needs is told before the first task exists.

import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PHASES } from '../../src/engine/plan.js';
import { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { until } from '../support.js';

afterAll(cleanUp);

async function failure(work: Promise<unknown>, what = ''): Promise<CriuError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error, what).toBeInstanceOf(CriuError);
  return error as CriuError;
}

const alive = (pid: number) => existsSync(`/proc/${pid}`);

describe.skipIf(!isRoot)('a restore that fails (needs root)', () => {
  let victim: Victim;
  let images: string;
  let count = 0;

  beforeEach(async () => {
    victim = await Victim.start('everything');
    count += 1;
    images = join(scratch(), `faults-${count}`);
    mkdirSync(images);
    await dump({ pid: victim.pid, imagesDir: images });
    await victim.gone();
  });
  afterEach(() => victim.end());

  /** Files in the victim's folder, where ghosts would be left. */
  const files = () => readdirSync(scratch()).sort();

  it('at any phase leaves no task and no file, and can be tried again', async () => {
    const before = files();
    const told: string[] = [];
    const first = {
      detached: true,
      faults: ['go'],
      onProgress: (p: { message: string }) => told.push(p.message),
    };
    await failure(restore({ imagesDir: images, ...first }));
    const steps = told.filter((message) => /^(birth|arm|final-calls|registers): /.test(message));
    expect(steps.length).toBeGreaterThan(10);
    for (const point of [...PHASES.map((p) => p.name), ...steps, 'commit', 'go']) {
      const error = await failure(restore({ imagesDir: images, detached: true, faults: [point] }));
      expect(error.message).toContain(point);
      expect(alive(victim.pid), point).toBe(false);
      expect(files(), point).toEqual(before);
    }
    await restore({ imagesDir: images, detached: true });
    expect(await victim.verify()).toBe('ok');
  });

  it('by an abort leaves no task', async () => {
    const abort = new AbortController();
    const work = restore({
      imagesDir: images,
      detached: true,
      signal: abort.signal,
      onProgress: ({ message }) => {
        if (message.startsWith('threads')) abort.abort();
      },
    });
    expect((await failure(work)).code).toBe('ABORTED');
    expect(alive(victim.pid)).toBe(false);
  });

  it('names each image that is missing or cut short', async () => {
    // What a task can be restored without, or what is not read at all.
    const optional =
      /^(stats-dump|seccomp|timens-0|cgroup|lock|dump\.log|mountpoints|ipcns|utsns|netns|ids-|pagemap-shmem|fs-|fdinfo-|pagemap-)/;
    for (const name of readdirSync(images)) {
      if (optional.test(name) || statSync(join(images, name)).size === 0) continue;
      for (const damage of ['missing', 'truncated']) {
        const copy = join(scratch(), 'damaged');
        rmSync(copy, { recursive: true, force: true });
        cpSync(images, copy, { recursive: true });
        const path = join(copy, name);
        // A checkpoint without such an image is one of a task without such a thing.
        if (damage === 'missing' && /^(pipes-data|fifo-data|sk-queues|tty-|remap-fpath)/.test(name)) continue;
        if (damage === 'missing') rmSync(path);
        else truncateSync(path, statSync(path).size - 1);
        const error = await failure(restore({ imagesDir: copy, detached: true }), `${name} ${damage}`);
        expect(['IMAGE_MISSING', 'BAD_IMAGE'], `${name} ${damage}: ${error.explain()}`).toContain(error.code);
        expect(error.explain(), `${name} ${damage}`).toContain(name);
        expect(alive(victim.pid)).toBe(false);
      }
    }
  });

  it('says whose pid is taken', async () => {
    await restore({ imagesDir: images, detached: true });
    const error = await failure(restore({ imagesDir: images, detached: true }));
    expect(error.code).toBe('PID_IN_USE');
    expect(error.object.pid).toBe(victim.pid);
    expect(await victim.verify()).toBe('ok');
  });

  it('says that there is no checkpoint', async () => {
    const none = join(scratch(), 'none');
    expect((await failure(restore({ imagesDir: none, detached: true }))).explain()).toContain(
      'no such directory',
    );
    mkdirSync(none, { recursive: true });
    const error = await failure(restore({ imagesDir: none, detached: true }));
    expect(error.code).toBe('IMAGE_MISSING');
    expect(error.explain()).toContain('inventory.img');
  });
});

describe.skipIf(!isRoot)('a file that changed since the dump (needs root)', () => {
  it('is named, with both sizes', async () => {
    const path = join(scratch(), 'grows');
    writeFileSync(path, 'abc');
    const child = spawn('tail', ['-f', '---disable-inotify', path], { detached: true, stdio: 'ignore' });
    const pid = child.pid!;
    await until('tail has read the file', () => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some(
          (fd) =>
            readlinkSync(`/proc/${pid}/fd/${fd}`) === path &&
            /^pos:\s+3$/m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')),
        );
      } catch {
        return false;
      }
    });
    const images = join(scratch(), 'grown');
    mkdirSync(images);
    await dump({ pid, imagesDir: images });
    writeFileSync(path, 'abcdef');
    const error = await failure(restore({ imagesDir: images, detached: true }));
    expect(error.code).toBe('FILE_CHANGED');
    expect(error.explain()).toContain(`${path}: size is 6, was 3`);
    expect(alive(pid)).toBe(false);
    writeFileSync(path, 'abc');
    await restore({ imagesDir: images, detached: true });
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('tail\n');
    process.kill(pid, 'SIGKILL');
  });
});
