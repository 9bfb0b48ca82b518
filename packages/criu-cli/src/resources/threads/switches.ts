// Switches of prctl(2) that only the thread itself can read and that CRIU's images have no room for. Values are stored
// if they differ from those of a new thread.
import type { Program, ProgramResult } from '@criu/compel';
import type { ThreadCoreEntry } from '@criu/images';
import { sysRaw } from '@criu/native';
import { PR_MCE_KILL_DEFAULT, PR_MCE_KILL_SET, PR_TSC_SIGSEGV } from '@criu/native/uapi';
import { askCpuFaults, setCpuFaults } from '../../arch/index.js';
import type { Status } from '../../proc/index.js';

const PR = {
  GET_TSC: 25,
  SET_TSC: 26,
  SET_TIMERSLACK: 29,
  GET_TIMERSLACK: 30,
  MCE_KILL: 33,
  MCE_KILL_GET: 34,
  GET_SPECULATION_CTRL: 52,
  SET_SPECULATION_CTRL: 53,
  SET_IO_FLUSHER: 57,
  GET_IO_FLUSHER: 58,
} as const;
const PERSONALITY_GET = 0xffffffff;
const SPEC = { storeBypass: 0, indirectBranch: 1, l1dFlush: 2 } as const;
const SPEC_PRCTL = 1;
const SPEC_ENABLE = 2;
const SPEC_DISABLE = 4;
const SPEC_FORCE_DISABLE = 8;
const USUAL_SLACK_NS = 50_000;

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
  ask(PR.GET_TSC, tsc);
  const slack = ask(PR.GET_TIMERSLACK);
  const mce = ask(PR.MCE_KILL_GET);
  const flush = ask(PR.GET_SPECULATION_CTRL, SPEC.l1dFlush);
  const flusher = ask(PR.GET_IO_FLUSHER);
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
    if (r.value(flush) === (SPEC_PRCTL | SPEC_ENABLE)) out.spec_l1d_flush = SPEC_ENABLE;
    if (r.value(flusher) === 1) out.io_flusher = true;
    return out;
  };
}

/** Timer slack of this process, which its children inherit. */
export function ownSlack(): number {
  return sysRaw('prctl', PR.GET_TIMERSLACK, 0, 0, 0, 0);
}

/** The speculation controls in /proc/PID/status. */
export function speculationOf(status: Status): Switches {
  const of = (text = '') => {
    if (/force (mitigated|disabled)$/.test(text)) return SPEC_FORCE_DISABLE;
    return /^(thread mitigated|conditional disabled)$/.test(text) ? SPEC_DISABLE : undefined;
  };
  const bypass = of(status.speculationStoreBypass);
  const branch = of(status.speculationIndirectBranch);
  return {
    ...(bypass === undefined ? {} : { spec_store_bypass: bypass }),
    ...(branch === undefined ? {} : { spec_indirect_branch: branch }),
  };
}

/**
 * Steps with which a thread sets its switches. @param slack timer slack that it has inherited from the restoring
 * process
 */
export function setSwitches(p: Program, tid: number, thread: Switches, slack: number): void {
  const set = (what: string, ...args: (number | bigint)[]) =>
    p.syscall('prctl', [...args, ...new Array(5 - args.length).fill(0)], { label: `${what} of ${tid}` });
  const { timer_slack_ns: ns = BigInt(USUAL_SLACK_NS), mce_kill: kill } = thread;
  if (ns !== BigInt(slack)) set('timer slack', PR.SET_TIMERSLACK, ns);
  if (thread.personality !== undefined)
    p.syscall('personality', [thread.personality], { label: `personality of ${tid}` });
  if (thread.tsc_faults) set('time stamp counter', PR.SET_TSC, PR_TSC_SIGSEGV);
  if (thread.cpuid_faults) setCpuFaults(p, tid);
  if (kill !== undefined) set('memory failures', PR.MCE_KILL, PR_MCE_KILL_SET, kill);
  const speculation = [
    [SPEC.storeBypass, thread.spec_store_bypass],
    [SPEC.indirectBranch, thread.spec_indirect_branch],
    [SPEC.l1dFlush, thread.spec_l1d_flush],
  ] as const;
  for (const [which, value] of speculation)
    if (value !== undefined) set('speculation', PR.SET_SPECULATION_CTRL, which, value);
  if (thread.io_flusher) set('I/O flusher', PR.SET_IO_FLUSHER, 1);
}
