// A checkpoint made by hand, which is sound, and one fault at a time in it.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePagemap, FdTypes, type ImageSet, imageFileName, writeImageSync } from '@criu/images';
import { expect, it } from 'vitest';
import { verify } from '../src/index.js';
import { fown, PARENT, PRESENT, run, sound, vma } from './checkpoint.js';
import { defined } from './support.js';

it('finds nothing in a sound checkpoint', () => {
  expect(verify(sound().dir)).toEqual({ files: 13, problems: [] });
});

type Break = (set: ImageSet) => void;
const pagemap =
  (...runs: ReturnType<typeof run>[]): Break =>
  (set) =>
    writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, runs));

const faults: [what: string, harm: Break, file: string, reason: RegExp][] = [
  [
    'pages that are missing',
    (set) => writeFileSync(set.path('pages-1.img'), ''),
    'pages-1.img',
    /need 8192 bytes of pages, and it has 0/,
  ],
  [
    'pages outside of mappings',
    pagemap(run(23, 2, PRESENT)),
    'pagemap-1.img',
    /pages at 0x18000 are outside/,
  ],
  [
    'pages that are there twice',
    pagemap(run(16, 1, PRESENT), run(16, 1, PRESENT)),
    'pagemap-1.img',
    /0x10000 are there twice/,
  ],
  [
    'pages of a parent that is not there',
    pagemap(run(16, 2, PRESENT), run(18, 1, PARENT)),
    'pagemap-1.img',
    /0x12000 should be in the parent/,
  ],
  ['no pagemap', (set) => rmSync(set.path('pagemap-1.img')), 'pagemap-1.img', /has no pagemap/],
  [
    'a working directory that is not there',
    (set) => writeImageSync(set.path('fs-1.img'), 'FS', [{ entry: { cwd_id: 9, root_id: 1, umask: 0 } }]),
    'fs-1.img',
    /working directory refers to file 9/,
  ],
  [
    'data of a pipe that nobody has',
    (set) => writeImageSync(set.path('pipes-data.img'), 'PIPES_DATA', [{ entry: { pipe_id: 8, bytes: 0 } }]),
    'pipes-data.img',
    /pipe 8/,
  ],
  [
    'a cgroup set that is not there',
    (set) => writeImageSync(set.path('cgroup.img'), 'CGROUP', [{ entry: {} }]),
    'core-1.img',
    /cgroup set 1/,
  ],
  [
    'a seccomp filter that is not there',
    (set) => rmSync(set.path('seccomp.img')),
    'core-1.img',
    /seccomp filter 0/,
  ],
  [
    'a descriptor and a file of different types',
    (set) =>
      writeImageSync(set.path('fdinfo-2.img'), 'FDINFO', [
        { entry: { id: 2, flags: 0, type: FdTypes.REG, fd: 0 } },
      ]),
    'fdinfo-2.img',
    /of types 1 and 2/,
  ],
  [
    'an epoll that watches what is not there',
    (set) => {
      const watched = { id: 0, tfd: 9, events: 1, data: 9n };
      writeImageSync(set.path('files.img'), 'FILES', [
        ...set.items('FILES'),
        { entry: { type: FdTypes.EVENTPOLL, id: 3, epfd: { id: 3, flags: 0, fown, tfd: [watched] } } },
      ]);
      writeImageSync(set.path('fdinfo-2.img'), 'FDINFO', [
        { entry: { id: 3, flags: 0, type: FdTypes.EVENTPOLL, fd: 4 } },
      ]);
    },
    'files.img',
    /epoll 3 watches descriptor 9/,
  ],
  [
    'a namespace without its image',
    (set) => {
      const ids = { vm_id: 1, files_id: 2, fs_id: 3, sighand_id: 4 };
      const root = { ...ids, uts_ns_id: 5, net_ns_id: 6 };
      writeImageSync(set.path('inventory.img'), 'INVENTORY', [{ entry: { img_version: 2, root_ids: root } }]);
      writeImageSync(set.path('ids-1.img'), 'IDS', [{ entry: { ...ids, uts_ns_id: 7, net_ns_id: 6 } }]);
    },
    'utsns-7.img',
    /process 1 is in this namespace/,
  ],
  [
    'two roots',
    (set) => {
      const entry = { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1] };
      writeImageSync(set.path('pstree.img'), 'PSTREE', [
        { entry },
        { entry: { ...entry, pid: 2, threads: [] } },
      ]);
    },
    'pstree.img',
    /2 roots/,
  ],
  [
    'an image of another kind',
    (set) => writeImageSync(set.path('ids-1.img'), 'MM', []),
    'ids-1.img',
    /that of MM, not of IDS/,
  ],
  [
    'a version that is too new',
    (set) => writeImageSync(set.path('inventory.img'), 'INVENTORY', [{ entry: { img_version: 4 } }]),
    'inventory.img',
    /version 4 is not known/,
  ],
];
for (const [what, harm, file, reason] of faults) {
  it(`finds ${what}`, () => {
    const { dir, set } = sound();
    harm(set);
    const found = verify(dir).problems.filter((problem) => problem.level === 'error');
    expect(found).toContainEqual(expect.objectContaining({ file, reason: expect.stringMatching(reason) }));
  });
}

it('takes what CRIU leaves out, or leaves unset, for what it is', () => {
  const { dir, set } = sound();
  const [core] = set.entries('CORE', 1);
  const dead = { ...defined(core), tc: { ...defined(core?.tc), task_state: 6 }, thread_core: undefined };
  const task = { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1] };
  // The thread lists of zombies hold anything.
  writeImageSync(set.path('pstree.img'), 'PSTREE', [
    { entry: task },
    ...[2, 3].map((pid) => ({ entry: { ...task, pid, ppid: 1, threads: [0] } })),
  ]);
  for (const pid of [2, 3]) writeImageSync(set.path(`core-${pid}.img`), 'CORE', [{ entry: dead }]);
  // The cgroup set of the dumping process itself is not written.
  writeImageSync(set.path('cgroup.img'), 'CGROUP', [{ entry: {} }]);
  writeImageSync(set.path('inventory.img'), 'INVENTORY', [{ entry: { img_version: 2, root_cg_set: 1 } }]);
  // Guard regions lie inside of mappings, and come last.
  const mm = defined(set.mm(1));
  const guard = { ...vma(0x12000n, 0x14000n), status: 1 << 16 };
  writeImageSync(set.path('mm-1.img'), 'MM', [{ entry: { ...mm, vmas: [...mm.vmas, guard] } }]);
  expect(verify(dir).problems).toEqual([]);
  // Nor is there an image of no descriptors.
  rmSync(set.path('fdinfo-2.img'));
  expect(set.descriptors(1)).toEqual([]);
  expect(verify(dir).problems).toEqual([
    { level: 'warning', file: 'fdinfo-2.img', reason: expect.stringMatching(/process 1 has no image/) },
  ]);
});

it('follows pages into the parent', () => {
  const { dir, set } = sound();
  const parent = join(dir, 'before');
  mkdirSync(parent);
  symlinkSync('before', join(dir, 'parent'));
  writeFileSync(
    join(parent, imageFileName('PAGEMAP', 1)),
    encodePagemap({ pages_id: 1 }, [run(18, 2, PRESENT)]),
  );
  pagemap(run(16, 2, PRESENT), run(18, 2, PARENT))(set);
  expect(verify(dir).problems).toEqual([]);
  pagemap(run(16, 2, PRESENT), run(18, 3, PARENT))(set);
  expect(verify(dir).problems).toEqual([
    expect.objectContaining({ reason: expect.stringMatching(/0x14000/) }),
  ]);
});
