// What a group in the place of a root is given, and what it may be refused.
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import type { Group } from '../../src/resources/cgroups/image.js';
import { settleLate } from '../../src/resources/cgroups/settle.js';
import { isRoot } from '../dump/victim.js';

describe.skipIf(!isRoot)('controllers that a group of cgroup v2 gives to its groups (needs root)', () => {
  const name = `criu-test-settle-${process.pid}`;
  let hierarchy: Hierarchy;
  beforeEach(() => {
    hierarchy = Hierarchy.open('', undefined);
    mkdirSync(hierarchy.path(name));
  });
  afterEach(() => {
    rmdirSync(hierarchy.path(name));
    hierarchy.close();
  });

  /** The kernel has no such controller, and says EINVAL. */
  const settle = (dir_name: string, path = join('/', name)) => {
    const properties = [{ name: 'cgroup.subtree_control', value: 'nosuch' }];
    const group = { hierarchy: '', path, entry: { dir_name, properties, children: [] } } as unknown as Group;
    settleLate(hierarchy.path(name), group);
  };

  it('have to be there', () =>
    expect(() => settle(`/${name}`)).toThrow(/cannot set cgroup.subtree_control to "\+nosuch"/));

  it('may be refused where the root was that had them', () => {
    for (const root of ['', '/']) settle(root);
  });
});
