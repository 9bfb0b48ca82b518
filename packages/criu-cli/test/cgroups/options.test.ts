// What users and images say about cgroups: understood, or refused with the reason.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImage, encodeImage } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import { CgroupImage } from '../../src/resources/cgroups/image.js';
import { modeOf } from '../../src/resources/cgroups/mode.js';
import { PropertyNames } from '../../src/resources/cgroups/properties.js';
import { newRoot, parseRoots } from '../../src/resources/cgroups/roots.js';

const code = (error: unknown) => (error as CriuError).code;

describe('--manage-cgroups', () => {
  it('is soft unless something else is said', () => {
    const imagesDir = 'images';
    expect(modeOf({ imagesDir })).toBe('soft');
    expect(modeOf({ imagesDir, unprivileged: true })).toBe('ignore');
    expect(modeOf({ imagesDir, manageCgroups: 'strict' })).toBe('strict');
    expect(() => modeOf({ imagesDir, manageCgroups: 'firm' })).toThrow(/no mode firm/);
  });
});

describe('--cgroup-root', () => {
  it('is for one controller or for all', () => {
    const roots = parseRoots(['/all', 'cpu:/mine', 'name=systemd:/theirs/too']);
    expect(newRoot(roots, 'cpu,cpuacct')).toBe('/mine');
    expect(newRoot(roots, 'name=systemd')).toBe('/theirs/too');
    expect(newRoot(roots, '')).toBe('/all');
    expect(newRoot(parseRoots([]), 'cpu')).toBeUndefined();
  });

  it('of the unified hierarchy has an empty name before it, as runc writes it', () => {
    const roots = parseRoots([':/box']);
    expect(newRoot(roots, '')).toBe('/box');
    expect(newRoot(roots, 'cpu')).toBeUndefined();
  });

  it('may be without a slash, as LXC writes it', () => {
    const roots = parseRoots(['hugetlb:lxc.payload.box', 'all']);
    expect(newRoot(roots, 'hugetlb')).toBe('/lxc.payload.box');
    expect(newRoot(roots, 'cpu')).toBe('/all');
  });

  it.each(['', 'cpu:', '/a/../b', 'cpu:../b', ':'])('refuses %j', (value) => {
    expect(() => parseRoots([value])).toThrow(CriuError);
  });
});

describe('--cgroup-props', () => {
  const text = (strategy: string, list: string) =>
    `"cpu":\n - "strategy": "${strategy}"\n - "properties": [${list}]\n"new":\n - "strategy": "merge"\n - "properties": ["new.one"]\n`;

  it('adds to what is kept, or replaces it', async () => {
    const names = new PropertyNames();
    expect(names.of('cpu')).toContain('cpu.shares');
    await names.add(text('merge', '"cpu.uclamp.min"'), '--cgroup-props');
    expect(names.of('cpu')).toEqual(expect.arrayContaining(['cpu.shares', 'cpu.uclamp.min', 'cgroup.procs']));
    await names.add(text('replace', '"cpu.weight", "cpu.max"'), '--cgroup-props');
    expect(names.of('cpu').filter((name) => name.startsWith('cpu.'))).toEqual(['cpu.weight', 'cpu.max']);
    expect(names.of('new')).toContain('new.one');
  });

  it('comes from a file, too (--cgroup-props-file)', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'criu-props-'));
    try {
      writeFileSync(join(dir, 'props'), text('replace', '"cpu.max"'));
      const names = new PropertyNames();
      await names.addFile(join(dir, 'props'));
      expect(names.of('cpu')).toContain('cpu.max');
      await expect(names.addFile(join(dir, 'none'))).rejects.toThrow(/cannot read the properties/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it.each([
    '"cpu":',
    'nonsense',
    '[]',
    '"cpu":\n - "strategy": "mix"\n - "properties": []\n',
    '"cpu":\n - "strategy": "merge"\n - "properties": ["../escape"]\n',
    '"cpu":\n - "strategy": "merge"\n',
    '"cpu": [*a]',
    ': : :\n - {',
  ])('refuses %j', async (spec) => {
    const error = await new PropertyNames().add(spec, '--cgroup-props').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CriuError);
    expect(code(error)).toBe('BAD_OPTION');
  });
});

describe('cgroup.img', () => {
  const image = (entry: object, roots: string[] = []) => {
    const [item] = decodeImage('CGROUP', encodeImage('CGROUP', [{ entry: entry as never }]));
    return new CgroupImage(item!.entry, parseRoots(roots));
  };
  const sound = {
    sets: [{ id: 2, ctls: [{ name: 'cpu,cpuacct', path: '/a/b' }] }],
    controllers: [
      {
        cnames: ['cpu', 'cpuacct'],
        is_threaded: true,
        dirs: [{ dir_name: 'a/b', children: [{ dir_name: 'c' }] }],
      },
    ],
  };

  it('has groups, parents first, and who is in them', () => {
    const groups = image(sound);
    expect(groups.groups.map(({ hierarchy, path }) => `${hierarchy}:${path}`)).toEqual([
      'cpu,cpuacct:/a/b',
      'cpu,cpuacct:/a/b/c',
    ]);
    expect(groups.set(2, 1)).toEqual([{ hierarchy: 'cpu,cpuacct', path: '/a/b', threaded: true }]);
    expect(() => groups.set(3, 1)).toThrow(/set 3 is not in/);
  });

  it('goes to another root', () => {
    const moved = image(sound, ['cpu:/x/y']);
    expect(moved.groups.map(({ path }) => path)).toEqual(['/x/y', '/x/y/c']);
    expect(moved.set(2, 1)[0]!.path).toBe('/x/y');
    const deeper = { ...sound, sets: [{ id: 2, ctls: [{ name: 'cpu,cpuacct', path: '/a/b/c' }] }] };
    expect(image(deeper, ['/new']).set(2, 1)[0]!.path).toBe('/new/c');
  });

  it('has no groups of others that were below the root of a hierarchy, as CRIU dumps them', () => {
    const child = (dir_name: string, ...children: object[]) => ({ dir_name, children });
    const root = child('', child('a', child('b', child('mine')), child('other')), child('other'));
    const entry = {
      sets: ['/', '/a/b'].map((path, i) => ({ id: i + 2, ctls: [{ name: 'cpu', path }] })),
      controllers: [{ cnames: ['cpu'], dirs: [root] }],
    };
    const paths = (roots: string[]) => image(entry, roots).groups.map(({ path }) => path);
    expect(paths([])).toEqual(['/a', '/a/b', '/a/b/mine']);
    expect(paths(['/new'])).toEqual(['/new', '/new/a', '/new/a/b', '/new/a/b/mine']);
    expect(image(entry, ['/new']).set(3, 1)[0]?.path).toBe('/new/a/b');
  });

  const dirs = (dir: object) => ({ ...sound, controllers: [{ ...sound.controllers[0]!, dirs: [dir] }] });
  it('gives what only the root of a hierarchy has to no group in its place', () => {
    const properties = ['cpu.shares', 'cpu.rt_runtime_us', 'cpuset.cpu_exclusive'].map((name) => ({
      name,
      value: '1',
    }));
    const kept = (dir_name: string) =>
      image(dirs({ dir_name, properties }), ['/new']).groups[0]?.entry.properties.map(({ name }) => name);
    expect(kept('')).toEqual(['cpu.shares']);
    expect(kept('a/b')).toEqual(['cpu.shares', 'cpu.rt_runtime_us', 'cpuset.cpu_exclusive']);
  });

  it.each([
    ['a group outside', dirs({ dir_name: '../../etc' })],
    ['a child outside', dirs({ dir_name: 'a', children: [{ dir_name: '../..' }] })],
    ['a property that is no name', dirs({ dir_name: 'a', properties: [{ name: '../x', value: '1' }] })],
    ['a property in another folder', dirs({ dir_name: 'a', properties: [{ name: 'a/x', value: '1' }] })],
    ['a set outside', { ...sound, sets: [{ id: 2, ctls: [{ name: 'cpu,cpuacct', path: '/../x' }] }] }],
    ['a set in no hierarchy', { ...sound, sets: [{ id: 2, ctls: [{ name: 'memory', path: '/' }] }] }],
    ['a set twice', { ...sound, sets: [sound.sets[0]!, sound.sets[0]!] }],
    ['a controller without a name', { ...sound, controllers: [{ cnames: [] }] }],
    ['a controller with a bad name', { ...sound, controllers: [{ cnames: ['a/b'] }] }],
  ])('with %s is refused', (_what, entry) => {
    let error: unknown;
    try {
      image(entry);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CriuError);
    expect(code(error)).toBe('BAD_IMAGE');
  });
});
