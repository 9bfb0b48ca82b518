// Kernel features for memory: page maps, special mappings, userfaultfd, asynchronous I/O rings.

import type { Agent } from '@criu/compel';
import { PAGE_SIZE } from '@criu/images';
import { addon, sysRaw } from '@criu/native';
import { readFileSync } from '@criu/native/fs';
import {
  EEXIST,
  iovec,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  O_CLOEXEC,
  O_NONBLOCK,
  PAGE_IS_GUARD,
  PAGE_IS_PRESENT,
  PAGEMAP_SCAN,
  PROT_READ,
  PROT_WRITE,
  pm_scan_arg,
  SPLICE_F_GIFT,
  SPLICE_F_NONBLOCK,
} from '@criu/native/uapi';
import { MAP_VDSO } from '../arch/index.js';
import { enableFeatures, UFFD_EVENTS } from '../userfaultfd.js';
import {
  accessible,
  call,
  type Feature,
  inChild,
  Steps,
  steps,
  type Verdict,
  verdict,
  withFd,
  withFile,
} from './kit.js';

const MREMAP_MOVE_FIXED = MREMAP_MAYMOVE | MREMAP_FIXED;
/** Bit of an entry of /proc/PID/pagemap (proc_pid_pagemap(5)). */
const SOFT_DIRTY = 1n << 55n;

/** Runs PAGEMAP_SCAN on one page of ours; `category` is required for a page to be reported. */
function pagemapScan(category: number): Verdict {
  return withFile('/proc/self/pagemap', 'r', (fd) => {
    const arg = Buffer.alloc(pm_scan_arg.sizeof);
    // Room for a few struct page_region.
    const regions = new BigUint64Array(3 * 4);
    arg.writeBigUInt64LE(BigInt(pm_scan_arg.sizeof), pm_scan_arg.size);
    arg.writeBigUInt64LE(0x10000n, pm_scan_arg.start);
    arg.writeBigUInt64LE(0x20000n, pm_scan_arg.end);
    arg.writeBigUInt64LE(addon().addressOf(regions), pm_scan_arg.vec);
    arg.writeBigUInt64LE(4n, pm_scan_arg.vec_len);
    arg.writeBigUInt64LE(BigInt(category), pm_scan_arg.category_mask);
    arg.writeBigUInt64LE(BigInt(category), pm_scan_arg.return_mask);
    return call('ioctl', [fd, PAGEMAP_SCAN, arg]);
  });
}

async function uffd(features: number): Promise<Verdict> {
  return withFd('userfaultfd', sysRaw('userfaultfd', O_CLOEXEC | O_NONBLOCK), (fd) =>
    verdict('ioctl', enableFeatures(fd, features)),
  );
}

interface Mapping {
  readonly start: bigint;
  readonly bytes: number;
  readonly name: string;
}

function mappings(pid: number): Mapping[] {
  return readFileSync(`/proc/${pid}/maps`, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [range = '', , , , , ...name] = line.split(/ +/);
      const [start = 0n, end = 0n] = range.split('-').map((x) => BigInt(`0x${x}`));
      return { start, bytes: Number(end - start), name: name.join(' ') };
    });
}

/** After mremap(2), a vDSO must still be one for the kernel: its name moves along. */
async function moveVdso(agent: Agent): Promise<Verdict> {
  const vdso = mappings(agent.pid).find((m) => m.name === '[vdso]');
  if (!vdso) return 'the task has no [vdso]';
  const s = new Steps();
  const place = s.syscall('mmap', [0, vdso.bytes, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0]);
  s.syscall('mremap', [vdso.start, vdso.bytes, vdso.bytes, MREMAP_MOVE_FIXED, place]);
  const result = await agent.run(s.program);
  const bad = s.judge(result);
  if (bad) return bad;
  const moved = mappings(agent.pid).find((m) => m.name === '[vdso]');
  return moved?.start === result.big(place) ? null : 'the kernel does not follow a moved [vdso]';
}

async function moveAioRing(agent: Agent): Promise<Verdict> {
  const setup = new Steps();
  const context = setup.program.out(8);
  setup.syscall('io_setup', [16, context]);
  const result = await agent.run(setup.program);
  const bad = setup.judge(result);
  if (bad) return bad;
  const start = result.bytes(context).readBigUInt64LE();
  const ring = mappings(agent.pid).find((m) => m.start === start);
  if (!ring) return 'the ring is not where io_setup() said';
  const s = new Steps();
  const place = s.syscall('mmap', [
    0,
    ring.bytes,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS,
    -1,
    0,
  ]);
  s.syscall('mremap', [ring.start, ring.bytes, ring.bytes, MREMAP_MOVE_FIXED, place]);
  s.syscall('io_getevents', [place, 0, 1, 0, 0]);
  return s.run(agent);
}

/** A page that we write to must be marked. A kernel without soft-dirty tracking never marks any. */
function softDirty(): Verdict {
  const page = Buffer.alloc(2 * PAGE_SIZE, 1);
  const entry = Buffer.alloc(8);
  const number = (addon().addressOf(page) + BigInt(PAGE_SIZE)) / BigInt(PAGE_SIZE);
  return (
    withFile('/proc/self/pagemap', 'r', (fd) => call('pread64', [fd, entry, 8, number * 8n])) ??
    ((entry.readBigUInt64LE() & SOFT_DIRTY) !== 0n
      ? null
      : 'a page that was written to is not marked (CONFIG_MEM_SOFT_DIRTY)')
  );
}

export const MEMORY_FEATURES: readonly Feature[] = [
  {
    name: 'map_files',
    category: 'required',
    what: '/proc/PID/map_files opens mapped files',
    without: 'no dump',
    probe: () => accessible('/proc/self/map_files', 4),
  },
  {
    name: 'vmsplice',
    category: 'optional',
    what: 'vmsplice() takes memory that is not aligned to pages',
    without: 'nothing: this version does not use it',
    probe: () =>
      steps((s) => {
        const p = s.program;
        const pipe = p.out(8);
        s.syscall('pipe2', [pipe, 0]);
        const byte = p.out(8);
        const iov = p.out(iovec.sizeof);
        p.poke(p.at(iov, iovec.iov_base), p.addOf(p.at(byte, 1), 0), 8);
        p.poke(p.at(iov, iovec.iov_len), 1, 8);
        s.syscall('vmsplice', [p.load32(p.at(pipe, 4)), iov, 1, SPLICE_F_GIFT | SPLICE_F_NONBLOCK]);
      }),
  },
  {
    name: 'pagemap_scan',
    category: 'optional',
    what: 'PAGEMAP_SCAN tells quickly which pages have content',
    without:
      'pages are looked up one by one, so that tasks stand still for longer, and there is no tracker of changes',
    probe: () => pagemapScan(PAGE_IS_PRESENT),
  },
  {
    name: 'mremap_special',
    category: 'required',
    what: 'the vDSO can be moved to where a task had it',
    without: 'no restore',
    probe: () => inChild(moveVdso),
  },
  {
    name: 'can_map_vdso',
    category: 'optional',
    what: 'arch_prctl(ARCH_MAP_VDSO_64) maps a vDSO where it is wanted',
    without: 'nothing: this version moves the vDSO instead',
    // EEXIST means that the kernel knows the operation: the task has a vDSO already.
    probe: () => steps((s) => void s.syscall('arch_prctl', [MAP_VDSO, 0x7000_0000], [EEXIST])),
  },
  {
    name: 'mem_dirty_track',
    category: 'extra',
    what: 'incremental dumps: unchanged pages are left to the previous dump, by soft_dirty or by comparing',
    without: 'every dump has all pages',
    // Comparing pages works on any kernel.
    probe: () => null,
  },
  {
    name: 'soft_dirty',
    ours: true,
    category: 'optional',
    what: 'the kernel marks pages that are written to',
    without:
      'incremental dumps have a tracker (PAGEMAP_SCAN), or compare pages with those of the dump before',
    probe: softDirty,
  },
  {
    name: 'aio_remap',
    category: 'extra',
    what: 'rings of asynchronous I/O can be moved to where a task had them',
    without: 'no restore of tasks with such rings',
    probe: () => inChild(moveAioRing),
  },
  {
    name: 'uffd',
    category: 'extra',
    what: 'userfaultfd()',
    without: 'no lazy restore, no tracker',
    probe: () => uffd(0),
  },
  {
    name: 'uffd-noncoop',
    category: 'extra',
    what: 'userfaultfd() reports fork, remap and unmap',
    without: 'no lazy restore',
    probe: () => uffd(UFFD_EVENTS),
  },
  {
    name: 'memfd_hugetlb',
    category: 'extra',
    what: 'memfd_create() with huge pages',
    without: 'no restore of such files',
    probe: () =>
      withFd('memfd_create', sysRaw('memfd_create', Buffer.from('probe\0'), 4 /* MFD_HUGETLB */), () => null),
  },
  {
    name: 'pagemap_scan_guard_pages',
    category: 'extra',
    what: 'PAGEMAP_SCAN tells guard pages of MADV_GUARD_INSTALL',
    without: 'guard regions are not seen, and not kept',
    probe: () => pagemapScan(PAGE_IS_GUARD),
  },
];
