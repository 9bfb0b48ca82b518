// Where a hierarchy is opened: at a mount that is there, if it shows all of it, else at one of our own.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type MountInfo, readMountInfo } from '../../src/proc/index.js';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { isRoot } from '../dump/victim.js';

const mounts = readMountInfo(process.pid);
const names = readFileSync('/proc/self/cgroup', 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(':')[1] ?? '');

/** Where a hierarchy is found in such mounts (a mount of our own is nowhere: `/`), and what its root has. */
function found(name: string, seen: readonly MountInfo[]) {
  const hierarchy = Hierarchy.open(name, undefined, seen);
  try {
    const top = hierarchy.path('/');
    return { at: realpathSync(top.replace(/\/\.?\/?$/, '')), has: readdirSync(top).includes('cgroup.procs') };
  } finally {
    hierarchy.close();
  }
}

/**
 * A hierarchy that is mounted whole and can be written to, with its mount, which is the machine's and stays: others make some for
 * a while. The tests have none where there is none.
 */
const [example] = names.flatMap((name) => {
  const mount = mounts.find(
    ({ fsType, root, options, superOptions, mountPoint }) =>
      root === '/' &&
      mountPoint.startsWith('/sys/fs/cgroup') &&
      options.includes('rw') &&
      (name === ''
        ? fsType === 'cgroup2'
        : fsType === 'cgroup' && superOptions.split(',').includes(name.split(',')[0] ?? '')),
  );
  return mount ? [{ name, mount }] : [];
});

describe.skipIf(!isRoot || !example)('a hierarchy that is mounted (needs root)', () => {
  const { name = '', mount } = example ?? {};
  const like = (more: Partial<MountInfo>): MountInfo[] => (mount ? [{ ...mount, ...more }] : []);

  it('is opened there', () => expect(found(name, mounts)).toEqual({ at: mount?.mountPoint, has: true }));

  it.each<[string, Partial<MountInfo>]>([
    ['in part', { root: '/some' }],
    ['read-only', { options: ['ro'] }],
    ['behind another mount', { mntId: 0 }],
    ['out of sight', { mountPoint: '/no/such/folder' }],
    ['as something else', { fsType: 'tmpfs' }],
  ])('%s is mounted once more', (_, more) => expect(found(name, like(more))).toEqual({ at: '/', has: true }));
});
