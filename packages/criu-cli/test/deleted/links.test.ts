// Links that a dump makes (--link-remap): one for a file as long as it is needed, and none afterwards.
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PHASES } from '../../src/engine/plan.js';
import { dump, restore } from '../../src/index.js';
import { cleanUp, isRoot, type Victim } from '../dump/victim.js';
import { free, freshDir, until } from '../support.js';
import { freshFolder, linksIn, list, start } from './support.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));

describe.skipIf(!isRoot)('a file whose name is gone while another link is left (needs root)', () => {
  let folder: string;
  let victim: Victim;
  beforeEach(async () => {
    folder = freshFolder();
    victim = await start('links', folder);
  });
  afterEach(() => victim.end());

  const links = () => linksIn(folder);
  async function countLinks(): Promise<string> {
    process.kill(victim.pid, 'SIGUSR2');
    return victim.said();
  }

  it('is refused without --link-remap, with the way out', async () => {
    await expect(dump({ pid: victim.pid, imagesDir: freshDir() })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      remedy: expect.stringContaining('--link-remap'),
    });
    expect(await victim.verify()).toBe('ok');
  });

  it('has one link more, however often it is dumped, and none when it is restored', async () => {
    const before = list(folder);
    for (let i = 0; i < 3; i++) {
      await dump({ pid: victim.pid, imagesDir: freshDir(), linkRemap: true, leaveRunning: true });
      expect(links()).toHaveLength(2);
      expect(await victim.verify()).toBe('ok');
    }
    expect(await countLinks()).toBe('2');
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, linkRemap: true });
    await free([victim.pid]);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    expect(await countLinks()).toBe('1');
    expect(list(folder)).toEqual(before);
  });

  it('comes back from a dump after which it ran on, also when nothing else is left of it', async () => {
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, linkRemap: true, leaveRunning: true });
    await victim.end();
    rmSync(join(folder, 'kept'));
    await restore({ imagesDir, detached: true });
    expect(links()).toEqual([]);
    expect(await countLinks()).toBe('0');
  });

  it('keeps its link, and another file its name, when the name is taken', async () => {
    const { pid } = victim;
    await dump({ pid, imagesDir: freshDir(), linkRemap: true, leaveRunning: true });
    const taken = links();
    for (const name of taken) {
      rmSync(join(folder, name));
      writeFileSync(join(folder, name), 'of somebody else');
    }
    const imagesDir = freshDir();
    await dump({ pid, imagesDir, linkRemap: true });
    await free([pid]);
    expect(links()).toHaveLength(4);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    expect(links()).toEqual(taken);
  });

  it('has no link left when the dump fails, but that of an earlier one', async () => {
    const before = list(folder);
    const failing = { pid: victim.pid, linkRemap: true, faults: ['write'] };
    await expect(dump({ ...failing, imagesDir: freshDir() })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(list(folder)).toEqual(before);
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, linkRemap: true, leaveRunning: true });
    await expect(dump({ ...failing, imagesDir: freshDir() })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(links()).toHaveLength(2);
    await victim.end();
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });

  it('has no link left when the dump is killed, and runs on', async () => {
    const before = list(folder);
    const script = join(folder, '..', 'kill-criu');
    const seen = `${script}.seen`;
    const steps = `ls '${folder}' > '${seen}'; kill -9 $PPID`;
    writeFileSync(script, `#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" = post-dump ] || exit 0\n${steps}\n`, {
      mode: 0o755,
    });
    const images = freshDir();
    const options = ['-D', images, '--link-remap', '--action-script', script];
    const { signal } = spawnSync(criu, ['dump', '-t', String(victim.pid), ...options], { stdio: 'ignore' });
    expect(signal).toBe('SIGKILL');
    expect(readFileSync(seen, 'utf8')).toContain('link_remap.');
    await until('the tracer has undone all', () => victim.tracer === 0 && links().length === 0);
    expect(list(folder)).toEqual(before);
    expect(await victim.verify()).toBe('ok');
  });

  it('is there for another try after a restore that failed at any step', async () => {
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, linkRemap: true });
    await free([victim.pid]);
    const before = list(folder);
    const pidfile = join(imagesDir, 'pid');
    writeFileSync(pidfile, '');
    const fail = async (more: object) => {
      await expect(restore({ imagesDir, detached: true, ...more })).rejects.toThrow();
      expect(list(folder), JSON.stringify(more)).toEqual(before);
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
    };
    for (const point of [...PHASES.map(({ name }) => name), 'commit']) await fail({ faults: [point] });
    await fail({ pidfile });
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    await until('the links are gone', () => links().length === 0);
  });

  it('that has no link any more is an error that says how it gets one', async () => {
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir, linkRemap: true });
    await free([victim.pid]);
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    await victim.end();
    for (const _ of ['file', 'fifo']) {
      const error = await restore({ imagesDir, detached: true }).catch((e: unknown) => e);
      expect(error).toMatchObject({
        code: 'FILE_CHANGED',
        remedy: expect.stringMatching(/link the file of .* there/),
      });
      const { object, remedy } = error as { object: { file: string }; remedy: string };
      linkSync(join(folder, remedy.includes('/fifo') ? 'kept fifo' : 'kept'), object.file);
    }
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
  });
});

it.skipIf(!isRoot)(
  'a file that was born without a name and has one comes back as that (needs root)',
  async () => {
    const folder = freshFolder();
    const victim = await start('born', folder);
    try {
      for (let i = 0; i < 2; i++) {
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir, linkRemap: true });
        await free([victim.pid]);
        await restore({ imagesDir, detached: true });
        expect(await victim.verify()).toBe('ok');
      }
      expect(list(folder)).toEqual(['named']);
    } finally {
      await victim.end();
    }
  },
);
