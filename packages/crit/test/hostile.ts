// A checkpoint in which every string tries to become markup, and a process tree beyond good taste.
import { writeFileSync } from 'node:fs';
import {
  type CoreEntry,
  encodePagemap,
  FdTypes,
  type ImageSet,
  PAGE_SIZE,
  writeImageSync,
} from '@criu/images';
import { fown, mmNumbers, PRESENT, run, sound, vma } from './checkpoint.js';
import { defined } from './support.js';

/** Sets `window.hacked` if it is ever taken for markup, wherever it stands. */
export const EVIL = `"'><script>hacked=1</script><img src=x onerror=hacked=1>&lt;\u202e\u0007</style>`;

/** @param depth processes, each the child of the one before it */
export function hostile(depth = 3): { dir: string; set: ImageSet } {
  const { dir, set } = sound();
  const core = set.core(1);
  const evil: CoreEntry = { ...core, tc: { ...defined(core.tc), comm: EVIL } };
  const tasks = Array.from({ length: depth }, (_, index) => index + 1);
  writeImageSync(
    set.path('pstree.img'),
    'PSTREE',
    tasks.map((pid) => ({ entry: { pid, ppid: pid - 1, pgid: 1, sid: 1, threads: [pid] } })),
  );
  const regular = { id: 1, flags: 0, pos: 0n, fown, name: `/${EVIL}` };
  const name = Buffer.concat([Buffer.from([0]), Buffer.from(EVIL)]);
  const socket = {
    id: 3,
    ino: 7,
    type: 1,
    state: 10,
    flags: 0,
    uflags: 0,
    backlog: 1,
    peer: 0,
    fown,
    opts: {},
  };
  const opts = {
    so_sndbuf: 1,
    so_rcvbuf: 1,
    so_snd_tmo_sec: 0n,
    so_snd_tmo_usec: 0n,
    so_rcv_tmo_sec: 0n,
    so_rcv_tmo_usec: 0n,
  };
  writeImageSync(set.path('files.img'), 'FILES', [
    { entry: { type: FdTypes.REG, id: 1, reg: regular } },
    { entry: { type: FdTypes.PIPE, id: 2, pipe: { id: 2, pipe_id: 7, flags: 0, fown } } },
    {
      entry: {
        type: FdTypes.UNIXSK,
        id: 3,
        usk: {
          ...socket,
          name,
          opts: {
            ...opts,
            reuseaddr: false,
            so_priority: 0,
            so_rcvlowat: 1,
            so_mark: 0,
            so_passcred: false,
            so_passsec: false,
            so_dontroute: false,
            so_no_check: false,
          },
        },
      },
    },
  ]);
  writeImageSync(set.path('fdinfo-2.img'), 'FDINFO', [
    { entry: { id: 1, flags: 0, type: FdTypes.REG, fd: 0 } },
    { entry: { id: 3, flags: 0, type: FdTypes.UNIXSK, fd: 1 } },
  ]);
  const mount = { fstype: 5, root_dev: 1, flags: 0, root: '/', options: EVIL, source: EVIL };
  writeImageSync(set.path('mountpoints-9.img'), 'MNTS', [
    { entry: { ...mount, mnt_id: 1, parent_mnt_id: 0, mountpoint: EVIL, fsname: EVIL } },
  ]);
  // A command line, and a mapping of the evil file beside the memory.
  const args = Buffer.alloc(PAGE_SIZE);
  args.write(`${EVIL}\0${'x'.repeat(300)}\0`);
  writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, [run(16, 1, PRESENT)]));
  writeFileSync(set.path('pages-1.img'), args);
  const file = { ...vma(0x20000n, 0x40000n), status: 1 | (1 << 6), shmid: 1n };
  const mm = { ...mmNumbers, mm_arg_start: 0x10000n, mm_arg_end: 0x11000n, exe_file_id: 1 };
  writeImageSync(set.path('mm-1.img'), 'MM', [
    { entry: { ...mm, vmas: [vma(0x10000n, 0x18000n), file] } as never },
  ]);
  const ids = { vm_id: 1, files_id: 2, fs_id: 3, sighand_id: 4 };
  for (const pid of tasks) {
    writeImageSync(set.path(`core-${pid}.img`), 'CORE', [{ entry: evil }]);
    writeImageSync(set.path(`ids-${pid}.img`), 'IDS', [{ entry: ids }]);
  }
  return { dir, set };
}
