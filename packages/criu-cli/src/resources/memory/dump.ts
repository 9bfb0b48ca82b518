// The address space of a task: the layout that mm_struct records, the program, and every mapping.

import type { StepRef } from '@criu/compel';
import type { VmaAttributes, VmaTable } from '@criu/images';
import { PR_GET_DUMPABLE } from '@criu/native/uapi';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { VMA } from '../../images/vma.js';
import { readAuxv, readExe } from '../../proc/index.js';
import { withLink } from '../files/regular/with-link.js';
import { openFiles } from '../files/table.js';
import { checkQuiet, type DumpedRing, dumpAioRings } from './aio-dump.js';
import { type Guard, otherGuards, type PagePlan, planPages } from './pages-dump.js';
import { askPolicies } from './policies.js';
import { askMmSwitches, coredumpFilterOf, type MmSwitches } from './switches.js';
import { probed, VmaDumper } from './vmas-dump.js';

/** Number of auxv words for which images have room. */
const AUXV_WORDS = 44;

interface Facts {
  readonly vmas: VmaTable;
  readonly plan: PagePlan;
  readonly guards: readonly Guard[];
  readonly exe: number;
  readonly auxv: bigint[];
  readonly rings: readonly DumpedRing[];
  brk: bigint;
  dumpable: number;
  switches: MmSwitches;
}

const ANY_MAY_EXECUTE = 0o111n;

/** Guard regions are entries behind those of the mappings in which they lie. */
const GUARDED: VmaAttributes = {
  pgoff: 0n,
  shmid: 0n,
  prot: 0,
  flags: 0,
  status: VMA.GUARD,
  fd: -1n,
};

export const memoryDump: DumpPart<Facts> = {
  needs: [{ of: 'namespaces', why: 'whose System V segments are mapped depends on the IPC namespace' }],
  beforeInfect: true,
  pages: (facts) => facts.plan.runs,

  collect(ctx, task) {
    const link = readExe(task.pid);
    if (link === undefined) throw new CriuError('NOT_DUMPABLE', 'it has no program', { pid: task.pid });
    const exe = withLink(task, 'exe', link, (file) => {
      // prctl(2), PR_SET_MM_MAP takes no other program.
      if (!(file.stat.mode & ANY_MAY_EXECUTE))
        throw new CriuError(
          'NOT_DUMPABLE',
          'nobody may execute its program any more, which a restore needs',
          { pid: task.pid, file: link },
          'make it executable again (chmod +x)',
        );
      return openFiles(ctx).pathId(file);
    });
    const vmas = new VmaDumper(ctx, task).all();
    const rings = dumpAioRings(ctx, task.pid, vmas);
    const plan = planPages(ctx, task, vmas);
    return {
      vmas,
      plan,
      guards: [...plan.guards, ...otherGuards(task, vmas)].sort((a, b) => (a.start < b.start ? -1 : 1)),
      exe,
      auxv: [...readAuxv(task.pid).words.subarray(0, AUXV_WORDS)],
      rings,
      brk: 0n,
      dumpable: 0,
      switches: coredumpFilterOf(task.pid),
    };
  },

  ask(task, tid, p, facts) {
    if (tid !== task.pid) return () => {};
    const brk: StepRef = p.syscall('brk', [0]);
    const dumpable = p.syscall('prctl', [PR_GET_DUMPABLE, 0, 0, 0, 0]);
    const switches = askMmSwitches(task.pid, p);
    const policies = askPolicies(p, facts.vmas);
    return (r) => {
      policies(r);
      facts.brk = r.big(brk);
      facts.dumpable = r.value(dumpable);
      facts.switches = { ...facts.switches, ...switches(r) };
    };
  },

  meanwhile: (task, facts) => checkQuiet(task.pid, facts.rings),

  describe(ctx, task, facts) {
    const { stat } = task;
    const { vmas, guards } = facts;
    if (guards.length > 0) {
      const guarded = vmas.attribute(GUARDED);
      for (const { start, end } of guards) vmas.add(Number(start), Number(end), guarded);
    }
    ctx.images.addMm(
      {
        mm_start_code: stat.startCode,
        mm_end_code: stat.endCode,
        mm_start_data: stat.startData,
        mm_end_data: stat.endData,
        mm_start_stack: stat.startStack,
        mm_start_brk: stat.startBrk,
        mm_brk: facts.brk,
        mm_arg_start: stat.argStart,
        mm_arg_end: stat.argEnd,
        mm_env_start: stat.envStart,
        mm_env_end: stat.envEnd,
        exe_file_id: facts.exe,
        mm_saved_auxv: facts.auxv,
        dumpable: facts.dumpable,
        ...(facts.rings.length > 0 ? { aios: facts.rings.map((ring) => ring.entry) } : {}),
        ...facts.switches,
      },
      vmas,
      task.nsPid,
    );
  },
  inventory: (ctx) => (ctx.states.get(probed).size > 0 ? { allow_uprobes: true } : {}),

  preDump(ctx, task) {
    return planPages(ctx, task, new VmaDumper(ctx, task, true).all()).runs;
  },
};
