// Whose child a restored task is, and who waits for it: --restore-detached, --restore-sibling.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sysRaw } from '@criu/native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump } from '../../src/index.js';
import { isRoot } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));

describe.skipIf(!isRoot)('a restored task (needs root)', () => {
  let pid = 0;
  let images = '';
  beforeEach(async () => {
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    pid = child.pid ?? 0;
    images = freshDir();
    await dump({ pid, imagesDir: images });
    await free([pid]);
  });
  afterEach(() => {
    if (!existsSync(`/proc/${pid}`)) return;
    process.kill(pid, 'SIGKILL');
    sysRaw('wait4', pid, new Int32Array(2), 0, null);
  });
  const parent = () => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

  it('is left alone with --restore-detached', () => {
    const { status, stderr } = spawnSync(bin, ['restore', '--restore-detached', '-D', images], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(parent()).not.toBe(process.pid);
  });

  it('is a child of the caller of criu with --restore-sibling', () => {
    const { status, stderr } = spawnSync(bin, ['restore', '-d', '--restore-sibling', '-D', images], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(parent()).toBe(process.pid);
  });

  it('is waited for without', async () => {
    const criu = spawn(bin, ['restore', '-D', images], { stdio: 'ignore' });
    const ended = new Promise((resolve) => criu.once('exit', resolve));
    await expect.poll(() => existsSync(`/proc/${pid}/exe`) && parent(), { timeout: 20_000 }).toBe(criu.pid);
    await expect.poll(() => readFileSync(`/proc/${pid}/comm`, 'utf8'), { timeout: 20_000 }).toBe('sleep\n');
    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe(0);
  });
});
