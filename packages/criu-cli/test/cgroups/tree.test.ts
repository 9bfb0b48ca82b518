// Groups that others make and remove while a dump reads the hierarchy.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CgroupDirEntry, Encodable } from '@criu/images';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Hierarchy } from '../../src/resources/cgroups/hierarchy.js';
import { readGroups } from '../../src/resources/cgroups/tree.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'criu-groups-'));
  for (const group of ['box/goes/below', 'box/stays']) mkdirSync(join(dir, group), { recursive: true });
  for (const group of ['box', 'box/goes', 'box/stays']) writeFileSync(join(dir, group, 'limit'), '5\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A hierarchy in which a group is removed just before it is looked at. */
function losing(group: string): Hierarchy {
  const path = (asked: string) => {
    if (asked === group) rmSync(join(dir, group), { recursive: true });
    return join(dir, asked);
  };
  return { name: 'pids', path } as unknown as Hierarchy;
}

it.each(['/box/goes', '/box/goes/below'])('a group that is gone meanwhile (%s) is left out', (group) => {
  const { dirs } = readGroups(losing(group), new Set(['/box']), ['limit']);
  const [box] = dirs;
  const names = (box?.children ?? []).map((child) => [child.dir_name, child.children?.length]).sort();
  expect(names).toEqual(
    group === '/box/goes'
      ? [['stays', 0]]
      : [
          ['goes', 0],
          ['stays', 0],
        ],
  );
  expect(box?.properties).toMatchObject([{ name: 'limit', value: '5' }]);
});

it('groups below the root of a hierarchy are left to others, but for those of tasks and what is below these', () => {
  for (const group of ['other/below', 'upper/box/below', 'upper/other'])
    mkdirSync(join(dir, group), { recursive: true });
  const names = (tops: string[]) => {
    const said = ({ dir_name, children = [] }: Encodable<CgroupDirEntry>): string =>
      `${dir_name}(${children.map(said).sort().join(' ')})`;
    return readGroups(losing(''), new Set(tops), []).dirs.map(said);
  };
  expect(names(['/'])).toEqual(['()']);
  expect(names(['/', '/upper/box', '/box/stays'])).toEqual(['(box(stays()) upper(box(below())))']);
  expect(names(['/upper'])).toEqual(['upper(box(below()) other())']);
});

it('the group of a task cannot be gone', () => {
  expect(() => readGroups(losing('/box'), new Set(['/box']), ['limit'])).toThrow(
    /cgroup \/box of a task is gone/,
  );
});
