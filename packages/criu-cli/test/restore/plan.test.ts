// The plan of a restore is data: made without root, the same for the same images, printed before anything is done.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePagemap, FdTypes, type ImageKind, writeImageSync } from '@criu/images';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PHASES } from '../../src/engine/plan.js';
import { VMA } from '../../src/images/vma.js';
import { planRestore } from '../../src/operations.js';

let dir: string;

function image(kind: ImageKind, name: string, ...entries: object[]): void {
  // Built by hand, so that the plan depends on no program of this machine.
  writeImageSync(join(dir, name), kind, entries.map((entry) => ({ entry })) as never);
}

const fown = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };
const reg = (id: number, name: string, flags = 0, pos = 0n) => ({
  type: FdTypes.REG,
  id,
  reg: { id, flags, pos, fown, name },
});

function gpregs(ip: bigint): object {
  const names =
    'r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax cs flags sp ss fs_base gs_base ds es fs gs';
  return { ...Object.fromEntries(names.split(' ').map((n) => [n, 0n])), ip };
}

function core(comm: string, leader: boolean): object {
  const itimer = { isec: 0n, iusec: 0n, vsec: 0n, vusec: 0n };
  return {
    mtype: 1,
    thread_info: {
      clear_tid_addr: 0x7000n,
      gpregs: gpregs(0x400123n),
      fpregs: {
        cwd: 0x37f,
        swd: 0,
        twd: 0,
        fop: 0,
        rip: 0n,
        rdp: 0n,
        mxcsr: 0x1f80,
        mxcsr_mask: 0xffff,
        st_space: [],
        xmm_space: [],
        padding: [],
      },
      tls: [],
    },
    ...(leader
      ? {
          tc: {
            task_state: 1,
            exit_code: 0,
            personality: 0,
            flags: 0,
            blk_sigset: 0n,
            comm,
            timers: {
              real: { ...itimer, vsec: 5n },
              virt: itimer,
              prof: itimer,
              posix: [],
            },
            sigactions: [],
          },
        }
      : {}),
    thread_core: {
      futex_rla: 0x7100n,
      futex_rla_len: 24,
      blk_sigset: 0n,
      comm,
      sas: { ss_sp: 0x8000n, ss_size: 8192n, ss_flags: 0 },
    },
  };
}

beforeAll(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'plan-')), 'images');
  mkdirSync(dir);
  image('INVENTORY', 'inventory.img', { img_version: 2 });
  image('PSTREE', 'pstree.img', { pid: 1234, ppid: 0, pgid: 1234, sid: 1234, threads: [1234, 1235] });
  image('CORE', 'core-1234.img', core('main', true));
  image('CORE', 'core-1235.img', core('worker', false));
  image('IDS', 'ids-1234.img', { vm_id: 1, files_id: 1, fs_id: 1, sighand_id: 1 });
  image(
    'FDINFO',
    'fdinfo-1.img',
    { id: 1, flags: 0, type: FdTypes.REG, fd: 0 },
    { id: 2, flags: 0, type: FdTypes.PIPE, fd: 3 },
    { id: 3, flags: 1, type: FdTypes.PIPE, fd: 4 },
    { id: 4, flags: 0, type: FdTypes.EVENTFD, fd: 5 },
    { id: 5, flags: 0, type: FdTypes.EVENTPOLL, fd: 6 },
  );
  image(
    'FILES',
    'files.img',
    reg(1, '/dev/null', 2),
    { type: FdTypes.PIPE, id: 2, pipe: { id: 2, pipe_id: 77, flags: 0, fown } },
    { type: FdTypes.PIPE, id: 3, pipe: { id: 3, pipe_id: 77, flags: 1, fown } },
    { type: FdTypes.EVENTFD, id: 4, efd: { id: 4, flags: 0o4002, fown, counter: 9n } },
    {
      type: FdTypes.EVENTPOLL,
      id: 5,
      epfd: { id: 5, flags: 2, fown, tfd: [{ id: 5, tfd: 5, events: 1, data: 5n }] },
    },
    reg(6, '/etc/passwd'),
    reg(7, '/'),
  );
  image('FS', 'fs-1234.img', { cwd_id: 7, root_id: 7, umask: 18 });
  const vma = { pgoff: 0n, shmid: 0n, fd: -1n };
  image('MM', 'mm-1234.img', {
    mm_start_code: 0x400000n,
    mm_end_code: 0x401000n,
    mm_start_data: 0x402000n,
    mm_end_data: 0x403000n,
    mm_start_stack: 0x7ffd00001000n,
    mm_start_brk: 0x500000n,
    mm_brk: 0x510000n,
    mm_arg_start: 0x7ffd00001100n,
    mm_arg_end: 0x7ffd00001110n,
    mm_env_start: 0x7ffd00001110n,
    mm_env_end: 0x7ffd00001120n,
    exe_file_id: 6,
    mm_saved_auxv: [6n, 4096n, 0n, 0n],
    dumpable: 1,
    vmas: [
      {
        ...vma,
        start: 0x400000n,
        end: 0x402000n,
        shmid: 6n,
        prot: 5,
        flags: 2,
        status: VMA.REGULAR | VMA.FILE_PRIVATE,
      },
      {
        ...vma,
        start: 0x500000n,
        end: 0x510000n,
        prot: 3,
        flags: 0x22,
        status: VMA.REGULAR | VMA.HEAP | VMA.ANON_PRIVATE,
      },
      {
        ...vma,
        start: 0x7ffd00000000n,
        end: 0x7ffd00002000n,
        prot: 3,
        flags: 0x122,
        status: VMA.REGULAR | VMA.ANON_PRIVATE,
      },
    ],
  });
  writeFileSync(
    join(dir, 'pagemap-1234.img'),
    encodePagemap({ pages_id: 1 }, [
      { vaddr: 0x401000n, compat_nr_pages: 0, nr_pages: 1n, flags: 4 },
      { vaddr: 0x7ffd00001000n, compat_nr_pages: 0, nr_pages: 1n, flags: 4 },
    ]),
  );
  writeFileSync(join(dir, 'pages-1.img'), Buffer.alloc(8192));
  image('PIPES_DATA', 'pipes-data.img');
});
afterAll(() => rmSync(join(dir, '..'), { recursive: true }));

test('the plan of a task with two threads, a pipe, an eventfd and an epoll set is the golden one', async () => {
  const plan = await planRestore({ imagesDir: dir });
  const text = plan.toText().replaceAll(dir, 'IMAGES');
  await expect(text).toMatchFileSnapshot('golden/plan.txt');
});

test('the plan of mounts in a namespace of their own is the golden one', async () => {
  const plain = dir;
  dir = join(dir, '..', 'mounts');
  cpSync(plain, dir, { recursive: true });
  try {
    const ids = { vm_id: 1, files_id: 1, fs_id: 1, sighand_id: 1 };
    image('INVENTORY', 'inventory.img', {
      img_version: 2,
      ns_per_id: true,
      root_ids: { ...ids, mnt_ns_id: 1 },
    });
    image('IDS', 'ids-1234.img', { ...ids, mnt_ns_id: 2 });
    const tmpfs = {
      fstype: 5,
      root_dev: 30,
      root: '/',
      source: 'memory',
      options: 'size=64k,mode=750',
      sb_flags: 0,
    };
    const mount = (mnt_id: number, parent_mnt_id: number, mountpoint: string, more: object) => ({
      ...tmpfs,
      mnt_id,
      parent_mnt_id,
      mountpoint,
      flags: 0,
      ...more,
    });
    image(
      'MNTS',
      'mountpoints-2.img',
      mount(10, 9, '/', { fstype: 0, root_dev: 8, source: '/dev/disk', options: '', flags: 1 << 21 }),
      mount(11, 10, '/proc', { fstype: 1, root_dev: 40, source: 'proc', options: '' }),
      mount(12, 10, '/memory', { flags: 1 << 20, shared_id: 5, sb_flags: 1 }),
      mount(13, 10, '/memory/peer', {
        root: '/folder',
        flags: (1 << 20) | 2,
        shared_id: 5,
        parent_mnt_id: 12,
      }),
      mount(14, 10, '/slave', { flags: 1 << 19, master_id: 5 }),
      mount(15, 11, '/proc', { flags: 1 << 17, root_dev: 31, options: '' }),
      mount(16, 10, '/given', { fstype: 0, root_dev: 50, ext_key: 'key', options: '' }),
    );
    const plan = await planRestore({ imagesDir: dir, root: '/root', external: ['mnt[key]:/somewhere'] });
    const { steps } = JSON.parse(JSON.stringify(plan.toJSON())) as {
      steps: { phase: string; title: string; steps: { label?: string }[] }[];
    };
    const made = steps.filter(({ phase }) => phase === 'namespaces');
    await expect(`${JSON.stringify(made, undefined, 1)}\n`).toMatchFileSnapshot('golden/mounts.json');
  } finally {
    dir = plain;
  }
});

test('as JSON it names every phase with its reason', async () => {
  const plan = await planRestore({ imagesDir: dir });
  const json = JSON.parse(JSON.stringify(plan.toJSON()));
  expect(json.tasks).toEqual([
    { pid: 1234, ppid: 0, pgid: 1234, sid: 1234, state: 'alive', threads: [1234, 1235] },
  ]);
  const names = json.phases.map(({ name }: { name: string }) => name);
  expect(names).toEqual([
    'prepare',
    'birth',
    ...PHASES.map(({ name }) => name),
    'arm',
    'final-calls',
    'registers',
    'go',
  ]);
  for (const phase of json.phases) expect(phase.why).not.toBe('');
  const order = json.steps.map((s: { phase: string }) => names.indexOf(s.phase));
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('a printed plan tells who is born of whom, and what the tracer does at the end', async () => {
  const plain = dir;
  dir = join(plain, '..', 'family');
  try {
    cpSync(plain, dir, { recursive: true });
    const zombie = core('gone', true) as { tc: object };
    image(
      'PSTREE',
      'pstree.img',
      { pid: 1234, ppid: 0, pgid: 1234, sid: 1234, threads: [1234, 1235] },
      { pid: 1240, ppid: 1234, pgid: 1240, sid: 1240, threads: [1240] },
      { pid: 1241, ppid: 1234, pgid: 1234, sid: 1234, threads: [1241] },
    );
    image('CORE', 'core-1240.img', { ...zombie, tc: { ...zombie.tc, task_state: 2, exit_code: 0x300 } });
    image('CORE', 'core-1241.img', { ...zombie, tc: { ...zombie.tc, task_state: 2, exit_code: 9 } });
    const plan = await planRestore({ imagesDir: dir });
    const told = plan
      .lines()
      .filter(({ phase }) => ['prepare', 'birth', 'arm', 'final-calls', 'registers', 'go'].includes(phase))
      .map(({ task, phase, title, steps }) => [`${task} ${phase}: ${title}`, steps.at(-1)?.call]);
    expect(told).toEqual([
      ['1234 birth: born of criu, as the leader of a session', 'prlimit64(0, 7, out[16], 0)'],
      ['1240 birth: born of 1234', undefined],
      ['1240 birth: leads a session', 'setsid()'],
      ['1241 birth: born of 1234', undefined],
      ['1241 birth: joins process group 1234', 'setpgid(0, 1234)'],
      ['1240 birth: ends as a zombie', 'exit_group(3)'],
      ['1241 birth: ends as a zombie', 'kill(1241, 9)'],
      ['1234 arm: the tracer stops its 2 threads', undefined],
      [
        '1234 registers: the agent goes; registers, XSAVE areas and signal masks of all threads',
        expect.stringMatching(/^munmap/),
      ],
      ['1234 go: its 2 threads go on', undefined],
    ]);
  } finally {
    dir = plain;
  }
});

test('a task with many pipes takes one number for each end, beside those that they have in the end', async () => {
  const plain = dir;
  dir = join(plain, '..', 'pipes');
  try {
    cpSync(plain, dir, { recursive: true });
    const ends = (count: number) => {
      const fdinfo = [];
      const files: object[] = [reg(6, '/etc/passwd'), reg(7, '/')];
      for (let id = 100; id < 100 + count; id++) {
        fdinfo.push({ id, flags: 0, type: FdTypes.PIPE, fd: id });
        files.push({ type: FdTypes.PIPE, id, pipe: { id, pipe_id: id >> 1, flags: id & 1, fown } });
      }
      image('FDINFO', 'fdinfo-1.img', ...fdinfo);
      image('FILES', 'files.img', ...files);
    };
    const numbers = async (count: number) => {
      ends(count);
      const { tasks } = await planRestore({ imagesDir: dir });
      return tasks[0]?.tempCount ?? 0;
    };
    expect((await numbers(600)) - (await numbers(200))).toBe(400);
  } finally {
    dir = plain;
  }
});

test('making a plan changes nothing in the directory', async () => {
  const before = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mtimeMs]);
  await planRestore({ imagesDir: dir });
  expect(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mtimeMs])).toEqual(before);
});

test('what an image says is checked before it is planned with', async () => {
  const bad = (name: string, kind: ImageKind, entry: object) => {
    const before = readFileSync(join(dir, name));
    image(kind, name, entry);
    return async (message: RegExp) => {
      try {
        await expect(planRestore({ imagesDir: dir })).rejects.toThrow(message);
      } finally {
        writeFileSync(join(dir, name), before);
      }
    };
  };
  await bad('pstree.img', 'PSTREE', { pid: 1234, ppid: 0, pgid: 1, sid: 1, threads: [1234] })(
    /shell-job|not led/,
  );
  await bad('fs-1234.img', 'FS', { cwd_id: 99, root_id: 7 })(/file id 99, which files.img does not have/);
  await bad('inventory.img', 'INVENTORY', { img_version: 9 })(/image version 9/);
  await bad('fdinfo-1.img', 'FDINFO', { id: 88, flags: 0, type: 1, fd: 0 })(
    /fd 0 of task 1234 refers to file id 88/,
  );
  const pages = readFileSync(join(dir, 'pages-1.img'));
  writeFileSync(join(dir, 'pages-1.img'), Buffer.alloc(4096));
  await expect(planRestore({ imagesDir: dir })).rejects.toThrow(/4096 of 8192 bytes/);
  writeFileSync(join(dir, 'pages-1.img'), pages);
  const map = readFileSync(join(dir, 'pagemap-1234.img'));
  for (const [vaddr, message] of [
    [0x600000n, /page 0x600000 is in no mapping/],
    [0x7ffd00000800n, /pages begin at 0x7ffd00000800, inside of a page/],
  ] as const) {
    writeFileSync(
      join(dir, 'pagemap-1234.img'),
      encodePagemap({ pages_id: 1 }, [{ vaddr, compat_nr_pages: 0, nr_pages: 1n, flags: 4 }]),
    );
    await expect(planRestore({ imagesDir: dir })).rejects.toThrow(message);
  }
  writeFileSync(join(dir, 'pagemap-1234.img'), map);
});
