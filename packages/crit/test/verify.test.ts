// A checkpoint made by hand, which is sound, and one fault at a time in it.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePagemap, FdTypes, ImageSet, imageFileName, PAGE_SIZE, writeImageSync } from '@criu/images';
import { expect, it } from 'vitest';
import { verify } from '../src/index.js';
import { scratch } from './support.js';

const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const PRESENT = 4;
const PARENT = 1;
const mmNumbers = Object.fromEntries(
  [
    'start_code',
    'end_code',
    'start_data',
    'end_data',
    'start_stack',
    'start_brk',
    'brk',
    'arg_start',
    'arg_end',
    'env_start',
    'env_end',
  ].map((name) => [`mm_${name}`, 0n]),
);
const vma = (start: bigint, end: bigint) => ({
  start,
  end,
  pgoff: 0n,
  shmid: 0n,
  prot: 3,
  flags: 0x22,
  status: 0x201,
  fd: -1n,
});

function run(page: number, count: number, flags: number) {
  return { vaddr: BigInt(page * PAGE_SIZE), compat_nr_pages: count, flags, nr_pages: BigInt(count) };
}

/** One process with one thread, one mapping of eight pages from page 16, two of them stored. */
function sound(): { dir: string; set: ImageSet } {
  const dir = scratch();
  const set = new ImageSet(dir);
  const put: typeof writeImageSync = (name, kind, items) => writeImageSync(set.path(name), kind, items);
  put('inventory.img', 'INVENTORY', [{ entry: { img_version: 2 } }]);
  put('pstree.img', 'PSTREE', [{ entry: { pid: 1, ppid: 0, pgid: 1, sid: 1, threads: [1] } }]);
  put('core-1.img', 'CORE', [
    {
      entry: {
        mtype: 1,
        tc: {
          task_state: 1,
          exit_code: 0,
          personality: 0,
          flags: 0,
          blk_sigset: 0n,
          comm: 'sound',
          cg_set: 1,
        },
        thread_core: { futex_rla: 0n, futex_rla_len: 0, seccomp_mode: 2, seccomp_filter: 0 },
      },
    },
  ]);
  put('ids-1.img', 'IDS', [{ entry: { vm_id: 1, files_id: 2, fs_id: 3, sighand_id: 4 } }]);
  put('fdinfo-2.img', 'FDINFO', [{ entry: { id: 1, flags: 0, type: FdTypes.REG, fd: 0 } }]);
  put('fs-1.img', 'FS', [{ entry: { cwd_id: 1, root_id: 1, umask: 0o22 } }]);
  put('files.img', 'FILES', [
    { entry: { type: FdTypes.REG, id: 1, reg: { id: 1, flags: 0, pos: 0n, fown, name: '/' } } },
    { entry: { type: FdTypes.PIPE, id: 2, pipe: { id: 2, pipe_id: 7, flags: 0, fown } } },
  ]);
  put('pipes-data.img', 'PIPES_DATA', [{ entry: { pipe_id: 7, bytes: 1 }, payload: Buffer.from('x') }]);
  put('cgroup.img', 'CGROUP', [{ entry: { sets: [{ id: 1 }] } }]);
  put('seccomp.img', 'SECCOMP', [{ entry: { seccomp_filters: [{ filter: Buffer.from('f') }] } }]);
  put('mm-1.img', 'MM', [
    { entry: { ...mmNumbers, exe_file_id: 1, vmas: [vma(0x10000n, 0x18000n)] } as never },
  ]);
  writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, [run(16, 2, PRESENT)]));
  writeFileSync(set.path('pages-1.img'), Buffer.alloc(2 * PAGE_SIZE));
  return { dir, set };
}

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
  ['no descriptors', (set) => rmSync(set.path('fdinfo-2.img')), 'fdinfo-2.img', /ENOENT/],
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
    (set) => writeImageSync(set.path('inventory.img'), 'INVENTORY', [{ entry: { img_version: 3 } }]),
    'inventory.img',
    /newer/,
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
