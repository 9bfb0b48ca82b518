// binfmt_misc: what its files say, how a format is registered again, and a user namespace that has formats of its own.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseFormat, registration } from '../../src/resources/namespaces/mnt/binfmt/formats.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { withContained } from './own-users.js';

afterAll(cleanUp);

const MAGIC = 'disabled\ninterpreter /usr/bin/run\nflags: OCF\noffset 4\nmagic 7f45\nmask ff00\n';

describe('binary formats', () => {
  it('are registered again as their files say', () => {
    const one = parseFormat('one', MAGIC, '/formats');
    expect(one).toEqual({
      name: 'one',
      enabled: false,
      interpreter: '/usr/bin/run',
      flags: 'OCF',
      offset: 4,
      magic: '7f45',
      mask: 'ff00',
    });
    expect(registration(one, 'image')).toBe(String.raw`:one:M:4:\x7f\x45:\xff\x00:/usr/bin/run:OCF`);
    const text = parseFormat('a:b', 'enabled\ninterpreter /x\nflags: \nextension .py\n', '/formats');
    expect(text).toEqual({ name: 'a:b', enabled: true, interpreter: '/x', extension: 'py' });
    expect(registration(text, 'image')).toBe('|a:b|E||py||/x|');
  });

  it('with lines that are not known, or values that cannot be, are refused', () => {
    expect(() => parseFormat('one', 'enabled\nshape round\n', '/formats')).toThrow(/shape round/);
    const good = { name: 'one', enabled: true, interpreter: '/x', magic: '7f' };
    expect(() => registration({ ...good, name: '../status' }, 'image')).toThrow(/no file can have/);
    expect(() => registration({ ...good, name: 'register' }, 'image')).toThrow(/no file can have/);
    expect(() => registration({ ...good, magic: '7' }, 'image')).toThrow(/none/);
    expect(() => registration({ name: 'one', enabled: true, interpreter: '/x' }, 'image')).toThrow(/neither/);
  });
});

it.skipIf(!isRoot)('formats of a user namespace come back (needs root)', async ({ skip }) => {
  const place = mkdtempSync(join(scratch(), 'formats-'));
  chmodSync(place, 0o777);
  try {
    await withContained(
      'formats',
      async (contained) => {
        const first = await contained.verify();
        if (first !== 'ok') skip(`no formats of a user namespace: ${first}`);
        for (let i = 0; i < 2; i++) {
          await contained.cycle();
          expect(await contained.verify()).toBe('ok');
        }
      },
      { PLACE: place },
      ['unshare', '--mount', '--propagation', 'private'],
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
