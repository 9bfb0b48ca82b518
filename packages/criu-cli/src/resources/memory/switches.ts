// Switches of a whole address space: huge pages, merging, executable memory, locking of future mappings, and the core
// dump filter.

import type { Operand, Program, ProgramResult } from '@criu/compel';
import type { MmEntry } from '@criu/images';
import { PAGE_SIZE } from '@criu/images';
import {
  EAGAIN,
  EINVAL,
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MCL_FUTURE,
  MCL_ONFAULT,
  PR_GET_MDWE,
  PR_GET_MEMORY_MERGE,
  PR_GET_THP_DISABLE,
  PR_SET_MDWE,
  PR_SET_MEMORY_MERGE,
  PR_SET_THP_DISABLE,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import { askOwnSegments, askTaggedAddresses } from '../../arch/index.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { readCoredumpFilter } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { writeOwn } from '../process/own-file.js';

const THP_DISABLED = 1;
const THP_EXCEPT_ADVISED = 2;
/** Default of coredump_filter. */
const USUAL_FILTER = 0x33;

export type MmSwitches = Pick<
  MmEntry,
  'thp_disabled' | 'thp_except_advised' | 'mdwe' | 'merge_any' | 'lock_future' | 'coredump_filter'
>;

/**
 * Steps with which a task reads its switches; results are undefined for kernels that do not have them.
 * @throws CriuError
 */
export function askMmSwitches(pid: number, p: Program): (r: ProgramResult) => MmSwitches {
  const ask = (option: number) => p.syscall('prctl', [option, 0, 0, 0, 0], { expect: 'any' });
  const thp = ask(PR_GET_THP_DISABLE);
  const mdwe = ask(PR_GET_MDWE);
  const merge = ask(PR_GET_MEMORY_MERGE);
  const tagged = askTaggedAddresses(p);
  const segments = askOwnSegments(p);
  const future = askLocks(p);
  return (r) => {
    if (tagged(r))
      throw new CriuError('UNSUPPORTED', 'its addresses have tags (ARCH_ENABLE_TAGGED_ADDR)', { pid });
    if (r.value(segments) > 0)
      throw new CriuError('UNSUPPORTED', 'it has segments of its own (modify_ldt)', { pid });
    const disabled = Math.max(0, r.value(thp));
    const lock = future(r);
    return {
      thp_disabled: (disabled & THP_DISABLED) !== 0,
      ...(disabled & THP_EXCEPT_ADVISED ? { thp_except_advised: true } : {}),
      ...(r.value(mdwe) > 0 ? { mdwe: r.value(mdwe) } : {}),
      ...(r.value(merge) > 0 ? { merge_any: true } : {}),
      ...(lock === 0 ? {} : { lock_future: lock }),
    };
  };
}

/**
 * mlockall(MCL_FUTURE) can only be observed on a new mapping: locked memory refuses MADV_DONTNEED, and is populated at
 * once unless MCL_ONFAULT is set.
 */
function askLocks(p: Program): (r: ProgramResult) => number {
  const there = p.out(8);
  const flags = MAP_PRIVATE | MAP_ANONYMOUS;
  const made = p.syscall('mmap', [0, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0], { expect: 'any' });
  p.syscall('mincore', [made, PAGE_SIZE, there], { expect: 'any' });
  const dropped = p.syscall('madvise', [made, PAGE_SIZE, MADV_DONTNEED], { expect: 'any' });
  p.syscall('munmap', [made, PAGE_SIZE], { expect: 'any' });
  return (r) => {
    // The limit for locked memory leaves no room for another page.
    if (r.value(made) === -EAGAIN) return MCL_FUTURE;
    if (r.big(made) < 0n || r.value(dropped) !== -EINVAL) return 0;
    return r.bytes(there).readUInt8(0) & 1 ? MCL_FUTURE : MCL_FUTURE | MCL_ONFAULT;
  };
}

/** The core dump filter, if it is not the default. */
export function coredumpFilterOf(pid: number): MmSwitches {
  const filter = readCoredumpFilter(pid);
  return filter === undefined || filter === USUAL_FILTER ? {} : { coredump_filter: filter };
}

/** The filter of this process, with which new tasks begin; undefined if the kernel writes no core dumps. */
const ownFilter = stateKey('own core dump filter', (_: PlanContext) => readCoredumpFilter(process.pid));

/** Sets the switches, when no more mappings are created. */
export function restoreMmSwitches(ctx: PlanContext, plan: TaskPlan): void {
  const { mm } = plan.task;
  const filter = mm.coredump_filter ?? USUAL_FILTER;
  writeOwn(ctx, plan, 'coredump_filter', filter, () => ctx.states.get(ownFilter) ?? filter);
  const p = plan.program('process');
  const set = (what: string, ...args: Operand[]) =>
    p.syscall('prctl', [...args, ...new Array<number>(5 - args.length).fill(0)], { label: what });
  if (mm.thp_disabled)
    set('no huge pages', PR_SET_THP_DISABLE, 1, mm.thp_except_advised ? THP_EXCEPT_ADVISED : 0);
  if (mm.merge_any) set('merging of pages', PR_SET_MEMORY_MERGE, 1);
  if (mm.lock_future)
    p.syscall('mlockall', [mm.lock_future & (MCL_FUTURE | MCL_ONFAULT)], {
      label: 'locks of mappings to come',
    });
  if (mm.mdwe) set('no memory becomes executable', PR_SET_MDWE, mm.mdwe);
}
