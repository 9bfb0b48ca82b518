// A checkpoint made by hand: one process with one thread and a little of everything, for tests to break or change.
import { writeFileSync } from 'node:fs';
import { encodePagemap, FdTypes, ImageSet, PAGE_SIZE, writeImageSync } from '@criu/images';
import { scratch } from './support.js';

export const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
export const PRESENT = 4;
export const PARENT = 1;
export const mmNumbers = Object.fromEntries(
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
export const vma = (start: bigint, end: bigint) => ({
  start,
  end,
  pgoff: 0n,
  shmid: 0n,
  prot: 3,
  flags: 0x22,
  status: 0x201,
  fd: -1n,
});

export function run(page: number, count: number, flags: number) {
  return { vaddr: BigInt(page * PAGE_SIZE), compat_nr_pages: count, flags, nr_pages: BigInt(count) };
}

/** One process with one thread, one mapping of eight pages from page 16, two of them stored. */
export function sound(): { dir: string; set: ImageSet } {
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
