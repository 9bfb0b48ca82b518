// Options that a command itself acts upon.
import { fstatSync, openSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { FEATURES } from '../../src/features/index.js';
import { cleanUp, criu, scratch } from './fake-shell.js';

afterEach(cleanUp);

test('--close closes a descriptor, and minds none that is not there', async () => {
  const fd = openSync(scratch(), 'r');
  expect((await criu(['dump', '-t', '1', '-D', 'DIR', '--close', String(fd)])).code).toBe(0);
  expect(() => fstatSync(fd)).toThrow('EBADF');
  expect((await criu(['dump', '-t', '1', '-D', 'DIR', '--close', String(fd)])).code).toBe(0);
});

test('--extra, --experimental and --all say which features are looked for', async () => {
  const asked = async (...args: string[]) => {
    const all: string[] = [];
    await criu(['check', ...args], {
      async *check(names) {
        all.push(...names);
        yield* [];
      },
    });
    return [
      ...new Set(FEATURES.filter(({ name }) => all.includes(name)).map(({ category }) => category)),
    ].sort();
  };
  expect(await asked()).toEqual(['optional', 'required']);
  expect(await asked('--extra')).toEqual(['extra', 'optional', 'required']);
  expect(await asked('--experimental')).toEqual(['experimental', 'optional', 'required']);
  expect(await asked('--all')).toEqual(['experimental', 'extra', 'optional', 'required']);
});
