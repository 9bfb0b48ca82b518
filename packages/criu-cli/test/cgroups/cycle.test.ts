// Tasks come back into their control groups, which are made anew where they are missing. The groups are those of a named
// hierarchy (cgroup v1) of this test's own: no controller of the machine is touched.

import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { decodeName } from '@criu/native';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readFoldersSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from '@criu/native/fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import type { DumpOptions, RestoreOptions } from '../../src/options.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';

const name = `name=criu-test-${process.pid}`;

/** cgroup v1 may be left out of the kernel, or closed to us. */
function possible(): boolean {
  try {
    Hierarchy.open(name, undefined).close();
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!isRoot || !possible())('cgroups (needs root and named cgroup v1 hierarchies)', () => {
  let tree: Hierarchy;
  let victim: Victim;
  let imagesDir: string;

  const group = (path: string) => tree.path(path);
  const make = (path: string) => mkdirSync(group(path), { recursive: true });
  const remove = (path: string) => {
    if (!existsSync(group(path))) return;
    for (const child of readFoldersSync(group(path))) remove(join(path, child));
    rmdirSync(group(path));
  };
  const placeOf = (tid: number) =>
    new RegExp(`:${name}:(.*)`).exec(decodeName(readFileSync(`/proc/${tid}/cgroup`)))![1];
  const put = (path: string, file: string, id: number) => writeFileSync(join(group(path), file), String(id));

  const nextImages = (): string => {
    imagesDir = freshDir();
    return imagesDir;
  };

  beforeEach(async () => {
    tree = Hierarchy.open(name, undefined);
    nextImages();
    victim = await Victim.start('everything');
  });
  afterEach(async () => {
    await victim.end();
    await free([victim.pid]);
    for (let tries = 1000; ; tries--) {
      try {
        for (const top of readFoldersSync(group('/'))) remove(top);
        break;
      } catch (error) {
        if (tries === 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    tree.close();
  });
  afterAll(cleanUp);

  async function checkpoint(options: Partial<DumpOptions> = {}): Promise<void> {
    await dump({ pid: victim.pid, imagesDir, ...options });
    await free([victim.pid]);
  }
  const back = (options: Partial<RestoreOptions> = {}) => restore({ imagesDir, detached: true, ...options });

  it('are made again with their permissions, empty ones too, and threads go to theirs', async () => {
    await victim.end();
    victim = await Victim.start('thread', {}, new URL('victims/thread.c', import.meta.url));
    make('a/b/empty');
    make('a/b/thread');
    chmodSync(group('a/b'), 0o711);
    writeFileSync(join(group('a/b'), 'notify_on_release'), '1');
    put('a/b', 'cgroup.procs', victim.pid);
    const tid = Math.max(...readdirSync(`/proc/${victim.pid}/task`).map(Number));
    expect(tid).not.toBe(victim.pid);
    put('a/b/thread', 'tasks', tid);
    await checkpoint();
    remove('a');
    await back();
    expect(placeOf(victim.pid)).toBe('/a/b');
    expect(placeOf(tid)).toBe('/a/b/thread');
    expect(existsSync(group('a/b/empty'))).toBe(true);
    expect(statSync(group('a/b')).mode & 0o777).toBe(0o711);
    expect(readFileSync(join(group('a/b'), 'notify_on_release'), 'utf8')).toBe('1\n');
  });

  it('are called as they were, whatever bytes that is', async () => {
    const odd = '/caf\udce9 (deleted)/\\012 "☃"';
    make(odd);
    put(odd, 'cgroup.procs', victim.pid);
    await checkpoint();
    remove('/caf\udce9 (deleted)');
    await restore({ imagesDir, detached: true });
    expect(await victim.verify()).toBe('ok');
    expect(placeOf(victim.pid)).toBe(odd);
  });

  it('are in no image where all tasks are where the dumping process is', async () => {
    await dump({ pid: victim.pid, imagesDir, leaveRunning: true });
    expect(existsSync(join(imagesDir, 'inventory.img'))).toBe(true);
    expect(existsSync(join(imagesDir, 'cgroup.img'))).toBe(false);
  });

  it('that are there keep their settings, unless they are asked to be set again', async () => {
    make('a');
    put('a', 'cgroup.procs', victim.pid);
    writeFileSync(join(group('a'), 'notify_on_release'), '1');
    await checkpoint();
    writeFileSync(join(group('a'), 'notify_on_release'), '0');
    await back();
    expect(readFileSync(join(group('a'), 'notify_on_release'), 'utf8')).toBe('0\n');
    await dump({ pid: victim.pid, imagesDir: nextImages() });
    await free([victim.pid]);
    writeFileSync(join(group('a'), 'notify_on_release'), '1');
    await back({ manageCgroups: 'full' });
    expect(readFileSync(join(group('a'), 'notify_on_release'), 'utf8')).toBe('0\n');
    expect(placeOf(victim.pid)).toBe('/a');
  });

  it('have to be there, or must not, if that is asked for; nothing is left of what fails', async () => {
    make('a');
    put('a', 'cgroup.procs', victim.pid);
    await checkpoint({ cgroupDumpControllers: [name] });
    await expect(back({ manageCgroups: 'strict' })).rejects.toThrow(
      /\/a in the cgroup hierarchy .* is there already/,
    );
    remove('a');
    await expect(back({ manageCgroups: 'none' })).rejects.toThrow(
      /\/a in the cgroup hierarchy .* is not there/,
    );
    await expect(back({ manageCgroups: 'props' })).rejects.toThrow(/is not there/);
    for (const fault of ['files', 'threads', 'commit']) {
      await expect(back({ faults: [fault] })).rejects.toThrow(/fault injected/);
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      expect(existsSync(group('a'))).toBe(false);
    }
    await back({ manageCgroups: 'strict' });
    expect(placeOf(victim.pid)).toBe('/a');
    expect(await victim.verify()).toBe('ok');
  });

  it('can be somewhere else, or be left alone', async () => {
    make('a/b');
    put('a/b', 'cgroup.procs', victim.pid);
    await checkpoint();
    remove('a');
    await back({ cgroupRoots: [`${name}:/x/y`] });
    expect(placeOf(victim.pid)).toBe('/x/y');
    process.kill(victim.pid, 'SIGKILL');
    await free([victim.pid]);
    await back({ manageCgroups: 'ignore' });
    expect(placeOf(victim.pid)).toBe('/');
    expect(await victim.verify()).toBe('ok');
  });

  it('that are of no interest are not in the image', async () => {
    make('a');
    put('a', 'cgroup.procs', victim.pid);
    await checkpoint({ manageCgroups: 'ignore' });
    const [ignored] = readImageSync(join(imagesDir, 'cgroup.img'), 'CGROUP');
    expect(ignored!.entry.controllers.every(({ dirs }) => dirs.length === 0)).toBe(true);
    await back();
    nextImages();
    await checkpoint({ cgroupDumpControllers: [name] });
    const [only] = readImageSync(join(imagesDir, 'cgroup.img'), 'CGROUP');
    expect(only!.entry.controllers.map(({ cnames }) => cnames)).toEqual([[name]]);
    expect(only!.entry.sets.map(({ ctls }) => ctls)).toEqual([[{ name, path: '/a' }]]);
    await back();
  });

  it('are looked for in a yard that was prepared, and only there', async () => {
    make('a');
    put('a', 'cgroup.procs', victim.pid);
    const cgroupYard = freshDir();
    const only = { cgroupDumpControllers: [name], cgroupYard };
    await expect(checkpoint(only)).rejects.toThrow(/is not in the cgroup yard/);
    symlinkSync(group('/'), join(cgroupYard, name.slice('name='.length)));
    nextImages();
    await checkpoint(only);
    remove('a');
    await expect(back({ cgroupYard: freshDir() })).rejects.toThrow(/is not in the cgroup yard/);
    await back({ cgroupYard });
    expect(placeOf(victim.pid)).toBe('/a');
  });

  it('of a wrong option are an error before anything is stopped', async () => {
    await expect(checkpoint({ manageCgroups: 'firm' })).rejects.toThrow(/no mode firm/);
    await expect(checkpoint({ cgroupProps: 'nonsense' })).rejects.toThrow(/cgroup-props/);
    expect(await victim.verify()).toBe('ok');
  });
});
