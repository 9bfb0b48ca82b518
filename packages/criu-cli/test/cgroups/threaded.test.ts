// Threads of a process in groups of their own, in cgroup v2: its groups are `threaded` then, also where a restore makes them anew.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { free, freshDir, until } from '../support.js';

function possible(): boolean {
  try {
    Hierarchy.open('', undefined).close();
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!isRoot || !possible())('threads in groups of cgroup v2 (needs root and cgroup v2)', () => {
  const name = `criu-test-threaded-${process.pid}`;
  let tree: Hierarchy;
  let victim: Victim;

  const group = (path: string) => tree.path(join(name, path)).replace('self', String(process.pid));
  const groups = ['', 'own'];
  const make = () => {
    for (const path of groups) mkdirSync(group(path));
  };
  const remove = () =>
    until('the groups are empty', () => {
      try {
        for (const path of groups.toReversed()) if (existsSync(group(path))) rmdirSync(group(path));
        return true;
      } catch {
        return false;
      }
    });
  const put = (path: string, file: string, id: number | string) =>
    writeFileSync(join(group(path), file), String(id));
  const places = () =>
    readdirSync(`/proc/${victim.pid}/task`).map((tid) => {
      const [, path] =
        /^0::(.*)$/m.exec(readFileSync(`/proc/${victim.pid}/task/${tid}/cgroup`, 'utf8')) ?? [];
      return path;
    });
  const type = () => readFileSync(join(group('own'), 'cgroup.type'), 'utf8').trim();

  beforeEach(async () => {
    tree = Hierarchy.open('', undefined);
    make();
    put('own', 'cgroup.type', 'threaded');
  });
  afterEach(async () => {
    await victim.end();
    await remove();
    tree.close();
  });
  afterAll(cleanUp);

  it.each([
    ['where they are', []],
    ['that are the roots of a cgroup namespace', ['unshare', '--cgroup']],
  ])('come back into those %s', async (_, wrapper) => {
    const enter = ['sh', '-c', `echo 0 >${group('')}/cgroup.procs && exec "$@"`, 'sh'];
    const source = new URL('victims/thread.c', import.meta.url);
    victim = await Victim.start('thread', {}, source, [...enter, ...wrapper]);
    const tid = Math.max(...readdirSync(`/proc/${victim.pid}/task`).map(Number));
    put('own', 'cgroup.threads', tid);
    const before = places();
    expect(new Set(before).size).toBe(2);
    const imagesDir = freshDir();
    await dump({ pid: victim.pid, imagesDir });
    await free([victim.pid]);
    await remove();
    // A group that takes whole processes only is not changed.
    make();
    await expect(restore({ imagesDir, detached: true, manageCgroups: 'none' })).rejects.toThrow(
      /cannot put it into the cgroup .*\/own/,
    );
    expect([existsSync(`/proc/${victim.pid}`), type()]).toEqual([false, 'domain']);
    await remove();
    await restore({ imagesDir, detached: true });
    expect([places(), type()]).toEqual([before, 'threaded']);
  });
});
