// Cgroup namespaces: tasks see the same groups as before as the roots of hierarchies. The groups are those of a named
// hierarchy (cgroup v1) of this test's own.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { existsSync, mkdirSync, readFoldersSync, rmdirSync } from '@criu/native/fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { rootBehind } from '../../src/resources/cgroups/namespace-roots.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free, freshDir } from '../support.js';

const name = `name=criu-test-ns-${process.pid}`;

function possible(): boolean {
  try {
    Hierarchy.open(name, undefined).close();
    return true;
  } catch {
    return false;
  }
}

describe('the root of a cgroup namespace', () => {
  it.each([
    ['/a/b', '/', '/a/b'],
    ['/a/b', '/b', '/a'],
    ['/a/b', '/a/b', '/'],
    ['/', '/', '/'],
    ['/a', '/../a', undefined],
    ['/a', '/..', undefined],
    ['/a/b', '/c', undefined],
  ])('of a task in %s that sees it as %s', (outside, inside, root) => {
    expect(rootBehind(outside, inside)).toBe(root);
  });
});

describe.skipIf(!isRoot || !possible())(
  'cgroup namespaces (needs root and named cgroup v1 hierarchies)',
  () => {
    let tree: Hierarchy;
    let victim: Victim;
    let imagesDir: string;

    const remove = (path: string) => {
      for (const child of readFoldersSync(path)) remove(join(path, child));
      rmdirSync(path);
    };
    const removeAll = async () => {
      for (let tries = 1000; ; tries--) {
        try {
          for (const top of readFoldersSync(tree.path('/'))) remove(tree.path(top));
          return;
        } catch (error) {
          if (tries === 0) throw error;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    };

    beforeEach(async () => {
      tree = Hierarchy.open(name, undefined);
      imagesDir = freshDir();
      for (const group of ['a', 'a/b', 'a/b/c', 'a/empty']) mkdirSync(tree.path(group));
      const groups = tree.path('/').replace('self', String(process.pid));
      victim = await Victim.start(
        'namespaces',
        { GROUPS: groups, NAME: name },
        new URL('victims/namespaces.c', import.meta.url),
      );
    });
    afterEach(async () => {
      const all = victim.state === undefined ? [] : family(victim.pid);
      await victim.end();
      await free(all);
      await removeAll();
      tree.close();
    });
    afterAll(cleanUp);

    async function checkpoint(): Promise<void> {
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
    }

    it('have their roots again, several of them in a tree, and with the groups that nobody is in', async () => {
      expect(await victim.verify()).toBe('ok');
      await checkpoint();
      await removeAll();
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
      expect(readFoldersSync(tree.path('a')).sort()).toEqual(['b', 'empty']);
    });

    async function startMounted(more: Record<string, string> = {}): Promise<void> {
      await victim.end();
      const place = mkdtempSync(join(scratch(), 'mounted-'));
      victim = await Victim.start(
        'mounted',
        { GROUPS: tree.path('/').replace('self', String(process.pid)), NAME: name, PLACE: place, ...more },
        new URL('victims/mounted.c', import.meta.url),
        ['unshare', '--mount', '--propagation', 'private'],
      );
    }

    it('have mounts of cgroups above their roots, which were made before, twice in a row', async () => {
      for (const group of ['other', 'other/deep', 'other/deep/within']) mkdirSync(tree.path(group));
      const above = mkdtempSync(join(scratch(), 'above-'));
      for (const folder of ['whole', 'beside']) mkdirSync(join(above, folder));
      await startMounted({ ABOVE: above });
      for (let i = 0; i < 2; i++) {
        expect(await victim.verify()).toBe('ok');
        await checkpoint();
        await restore({ imagesDir, detached: true });
      }
      expect(await victim.verify()).toBe('ok');
      const pids = family(victim.pid);
      await checkpoint();
      await removeAll();
      await expect(restore({ imagesDir, detached: true })).rejects.toThrow(
        /shows the group \/other\/deep of the cgroup hierarchy .*, which is not there/,
      );
      await free(pids);
    });

    it('have mounts of cgroups that begin at their roots, also when no task is in these', async () => {
      await startMounted();
      for (let i = 0; i < 2; i++) {
        expect(await victim.verify()).toBe('ok');
        await checkpoint();
        await restore({ imagesDir, detached: true });
      }
      expect(await victim.verify()).toBe('ok');
    });

    it('tell images how much of a path is outside, as CRIU has it', async () => {
      await dump({ pid: victim.pid, imagesDir, leaveRunning: true });
      const [image] = readImageSync(join(imagesDir, 'cgroup.img'), 'CGROUP');
      const members = image?.entry.sets.map(({ ctls }) => ctls.find((ctl) => ctl.name === name));
      expect(members).toEqual([
        { name, path: '/a/b', cgns_prefix: 2 },
        { name, path: '/a', cgns_prefix: 2 },
        { name, path: '/a/b/c', cgns_prefix: 6 },
      ]);
      expect(await victim.verify()).toBe('ok');
    });

    it('can have another place as their root', async () => {
      await checkpoint();
      await removeAll();
      await restore({ imagesDir, detached: true, cgroupRoots: [`${name}:/other/place`] });
      expect(await victim.verify()).toBe('ok');
      expect(readFoldersSync(tree.path('other/place')).sort()).toEqual(['b', 'empty']);
    });

    it('are entered in each mode of --manage-cgroups that finds its groups, or makes them', async () => {
      await checkpoint();
      const back = (manageCgroups: string) => restore({ imagesDir, detached: true, manageCgroups });
      for (const manageCgroups of ['none', 'props', 'soft', 'full']) {
        await back(manageCgroups);
        expect([manageCgroups, await victim.verify()]).toEqual([manageCgroups, 'ok']);
        const pids = family(victim.pid);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        await free(pids);
      }
      await removeAll();
      for (const manageCgroups of ['none', 'props'])
        await expect(back(manageCgroups)).rejects.toThrow(/is not there/);
      expect([existsSync(`/proc/${victim.pid}`), readFoldersSync(tree.path('/'))]).toEqual([false, []]);
      await back('full');
      expect(await victim.verify()).toBe('ok');
    });

    it('leave no group behind when a restore fails', async () => {
      const pids = family(victim.pid);
      await checkpoint();
      await removeAll();
      for (const fault of ['files', 'threads', 'commit']) {
        await expect(restore({ imagesDir, detached: true, faults: [fault] })).rejects.toThrow(
          /fault injected/,
        );
        await free(pids);
        expect(readFoldersSync(tree.path('/'))).toEqual([]);
      }
    });
  },
);
