// Switches of prctl(2) that only the thread itself can read and that CRIU's images have no room for. Values are stored
// if they differ from those of a new thread.
import type { Program, ProgramResult } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import {
  PR_GET_IO_FLUSHER,
  PR_GET_SPECULATION_CTRL,
  PR_GET_TIMERSLACK,
  PR_GET_TSC,
  PR_MCE_KILL,
  PR_MCE_KILL_DEFAULT,
  PR_MCE_KILL_GET,
  PR_MCE_KILL_SET,
  PR_SET_IO_FLUSHER,
  PR_SET_SPECULATION_CTRL,
  PR_SET_TIMERSLACK,
  PR_SET_TSC,
  PR_SPEC_DISABLE,
  PR_SPEC_ENABLE,
  PR_SPEC_FORCE_DISABLE,
  PR_SPEC_INDIRECT_BRANCH,
  PR_SPEC_L1D_FLUSH,
  PR_SPEC_PRCTL,
  PR_SPEC_STORE_BYPASS,
  PR_TSC_SIGSEGV,
} from '@criu/native/uapi';
import { askCpuFaults, setCpuFaults } from '../../arch/index.js';
import type { Status } from '../../proc/index.js';

const PERSONALITY_GET = 0xffffffff;
export const USUAL_SLACK_NS = 50_000;

export type Switches = Pick<
  ThreadCoreEntry,
  | 'timer_slack_ns'
  | 'tsc_faults'
  | 'cpuid_faults'
  | 'mce_kill'
  | 'spec_store_bypass'
  | 'spec_indirect_branch'
  | 'spec_l1d_flush'
  | 'io_flusher'
  | 'personality'
>;

/** Steps with which a thread reads its switches. */
export function askSwitches(p: Program): (r: ProgramResult) => Switches {
  // Not every kernel and CPU supports all of them.
  const ask = (option: number, first: number | ReturnType<Program['out']> = 0) =>
    p.syscall('prctl', [option, first, 0, 0, 0], { expect: 'any' });
  const tsc = p.out(8);
  ask(PR_GET_TSC, tsc);
  const slack = ask(PR_GET_TIMERSLACK);
  const mce = ask(PR_MCE_KILL_GET);
  const flush = ask(PR_GET_SPECULATION_CTRL, PR_SPEC_L1D_FLUSH);
  const flusher = ask(PR_GET_IO_FLUSHER);
  const personality = p.syscall('personality', [PERSONALITY_GET]);
  const cpuid = askCpuFaults(p);
  return (r) => {
    const ns = r.value(slack);
    const kill = r.value(mce);
    const out: Switches = { personality: r.value(personality) };
    // A thread with real-time scheduling has no timer slack.
    if (ns > 0 && ns !== USUAL_SLACK_NS) out.timer_slack_ns = BigInt(ns);
    if (r.bytes(tsc).readInt32LE(0) === PR_TSC_SIGSEGV) out.tsc_faults = true;
    if (r.value(cpuid) === 0) out.cpuid_faults = true;
    if (kill >= 0 && kill !== PR_MCE_KILL_DEFAULT) out.mce_kill = kill;
    if (r.value(flush) === (PR_SPEC_PRCTL | PR_SPEC_ENABLE)) out.spec_l1d_flush = PR_SPEC_ENABLE;
    if (r.value(flusher) === 1) out.io_flusher = true;
    return out;
  };
}

/** The speculation controls in /proc/PID/status. */
export function speculationOf(status: Status): Switches {
  const of = (text = '') => {
    if (/force (mitigated|disabled)$/.test(text)) return PR_SPEC_FORCE_DISABLE;
    return /^(thread mitigated|conditional disabled)$/.test(text) ? PR_SPEC_DISABLE : undefined;
  };
  const bypass = of(status.speculationStoreBypass);
  const branch = of(status.speculationIndirectBranch);
  return {
    ...(bypass === undefined ? {} : { spec_store_bypass: bypass }),
    ...(branch === undefined ? {} : { spec_indirect_branch: branch }),
  };
}

/** Steps with which a thread sets its switches. */
export function setSwitches(p: Program, tid: number, thread: Switches): void {
  const set = (what: string, ...args: (number | bigint)[]) =>
    p.syscall('prctl', [...args, ...new Array(5 - args.length).fill(0)], { label: `${what} of ${tid}` });
  const { timer_slack_ns: slack, mce_kill: kill } = thread;
  if (slack !== undefined) set('timer slack', PR_SET_TIMERSLACK, slack);
  if (thread.personality !== undefined)
    p.syscall('personality', [thread.personality], { label: `personality of ${tid}` });
  if (thread.tsc_faults) set('time stamp counter', PR_SET_TSC, PR_TSC_SIGSEGV);
  if (thread.cpuid_faults) setCpuFaults(p, tid);
  if (kill !== undefined) set('memory failures', PR_MCE_KILL, PR_MCE_KILL_SET, kill);
  const speculation = [
    [PR_SPEC_STORE_BYPASS, thread.spec_store_bypass],
    [PR_SPEC_INDIRECT_BRANCH, thread.spec_indirect_branch],
    [PR_SPEC_L1D_FLUSH, thread.spec_l1d_flush],
  ] as const;
  for (const [which, value] of speculation)
    if (value !== undefined) set('speculation', PR_SET_SPECULATION_CTRL, which, value);
  if (thread.io_flusher) set('I/O flusher', PR_SET_IO_FLUSHER, 1);
}
