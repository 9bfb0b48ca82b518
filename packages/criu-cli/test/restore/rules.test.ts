// What fields of images can be: each fault names file, entry and field. No root needed.
import { FdTypes } from '@criu/images';
import { expect, test } from 'vitest';
import type { CriuError } from '../../src/errors.js';
import type { ImageKind } from '../../src/images/types.js';
import { validate } from '../../src/images/validate.js';

const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };

function fault(kind: ImageKind, ...entries: object[]): string {
  try {
    validate(
      kind,
      entries.map((entry) => ({ entry })),
      'x.img',
    );
  } catch (error) {
    expect((error as CriuError).code).toBe('BAD_IMAGE');
    return (error as CriuError).summary;
  }
  return '';
}

const fd = { id: 1, flags: 0, type: 1, fd: 5 };
const timer = { id: 4, clockid: 1, flags: 0, fown, ticks: 0n, settime_flags: 0 };

test.each<[string, ImageKind, object]>([
  ['fd: is 2147483647, not between 0 and 1073741823', 'FDINFO', { ...fd, fd: 0x7fffffff }],
  ['pid: is 0, not between 1 and 4194304', 'PSTREE', { pid: 0, ppid: 0, pgid: 0, sid: 0, threads: [] }],
  [
    'tfd: is missing, and the file is of type TIMERFD',
    'FILES',
    { type: FdTypes.TIMERFD, id: 4, reg: { id: 4, flags: 0, pos: 0n, fown, name: '/x' } },
  ],
  [
    'tfd.id: is 4, not 3',
    'FILES',
    { type: FdTypes.TIMERFD, id: 3, tfd: { ...timer, vsec: 0n, vnsec: 0n, isec: 0n, insec: 0n } },
  ],
  [
    'tfd.vnsec: is 1000000000, not between 0 and 999999999',
    'FILES',
    { type: FdTypes.TIMERFD, id: 4, tfd: { ...timer, vsec: 0n, vnsec: 1_000_000_000n, isec: 0n, insec: 0n } },
  ],
  [
    'usk.name: is of 5000, not of up to 109',
    'FILES',
    { type: FdTypes.UNIXSK, id: 1, usk: { id: 1, name: Buffer.alloc(5000), fown, opts: { so_filter: [] } } },
  ],
  [
    'reg.name: is of 5000, not of up to 4096',
    'FILES',
    { type: FdTypes.REG, id: 1, reg: { id: 1, pos: 0n, fown, name: 'x'.repeat(5000) } },
  ],
  [
    'reg.name: is "/a\\u0000b", which has a zero byte',
    'FILES',
    { type: FdTypes.REG, id: 1, reg: { id: 1, pos: 0n, fown, name: '/a\0b' } },
  ],
  [
    'controllers[0].dirs[0].children[1].dir_name: is "\\u0000", which has a zero byte',
    'CGROUP',
    {
      sets: [],
      controllers: [
        {
          cnames: ['cpu'],
          dirs: [
            {
              dir_name: '',
              properties: [],
              children: ['a', '\0'].map((dir_name) => ({ dir_name, children: [], properties: [] })),
            },
          ],
        },
      ],
    },
  ],
])('%s', (text, kind, entry) => {
  expect(fault(kind, entry)).toBe(`x.img, entry 0, ${text}`);
});

test('the entry is counted from the first of the image', () => {
  expect(fault('FDINFO', fd, { ...fd, fd: 6 }, { ...fd, fd: 0x7fffffff })).toMatch(/^x\.img, entry 2, fd: /);
});

test('what CRIU writes beyond its own sense is taken', () => {
  // The threads of a zombie are not set at all.
  expect(fault('PSTREE', { pid: 9, ppid: 1, pgid: 1, sid: 1, threads: [3538356560] })).toBe('');
  // A kind that is not known here is for whoever refers to it.
  expect(fault('FILES', { type: FdTypes.BPFMAP, id: 1, bpf: { id: 1, map_name: 'm' } })).toBe('');
});
