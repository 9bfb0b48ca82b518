// Threads: registers, state that the kernel keeps per thread (robust list, alternate stack, rseq, scheduling), and
// names.

import type { ThreadState } from '@criu/compel';
import type { Encodable, SaEntry, ThreadCoreEntry, ThreadInfoX86, UserX86RegsEntry } from '@criu/images';
import { addon, SysError, sysRaw } from '@criu/native';
import {
  PR_GET_PDEATHSIG,
  PR_GET_TID_ADDRESS,
  PR_SCHED_CORE,
  PR_SCHED_CORE_GET,
  PRIO_PROCESS,
  RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL,
  SA_RESTART,
  SCHED_DEADLINE,
  SCHED_FIFO,
  SCHED_RESET_ON_FORK,
  SCHED_RR,
  SIGKILL,
  SIGSTOP,
  stack_t,
} from '@criu/native/uapi';
import {
  type FirstHandler,
  fpregsEntry,
  gpregsEntry,
  lostComponents,
  restartedCall,
} from '../../arch/index.js';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { askMempolicy } from './mempolicy.js';
import { type RseqSection, rseqSection } from './rseq-dump.js';
import { noteUsual, schedulingOf } from './scheduling.js';
import { askSwitches, speculationOf } from './switches.js';

interface ThreadFacts {
  readonly tid: number;
  readonly robustList: bigint;
  readonly robustLength: number;
  readonly policy: number;
  readonly priority: number | undefined;
  readonly nice: number;
  readonly rseqCs: RseqSection | undefined;
  /** The interrupted system call, if it is not the one in orig_rax. */
  readonly call: number | undefined;
  info: Encodable<ThreadInfoX86> | undefined;
  clearTid: bigint;
  stack: { sp: bigint; flags: number; size: bigint };
  pdeath: number;
  /** Fields of our own. */
  readonly more: Partial<ThreadCoreEntry>;
}

function check(call: string, result: number, tid: number): number {
  if (result < 0) throw new SysError(call, -result, `thread ${tid}`);
  return result;
}

function callOf({ task }: LiveTask, tid: number): number | undefined {
  return restartedCall(task.thread(tid).regs, (address, length) => {
    try {
      return task.readMemory(address, length);
    } catch {
      return undefined;
    }
  });
}

function collectThread(ctx: DumpContext, task: LiveTask, tid: number): ThreadFacts {
  const list = new BigUint64Array(2);
  check('get_robust_list', sysRaw('get_robust_list', tid, list.subarray(0, 1), list.subarray(1)), tid);
  const [robustList = 0n, robustLength = 0n] = list;
  const policy = check('sched_getscheduler', sysRaw('sched_getscheduler', tid), tid);
  const plain = policy & ~SCHED_RESET_ON_FORK;
  if (plain === SCHED_DEADLINE)
    throw new CriuError('UNSUPPORTED', `thread ${tid} has the scheduling policy SCHED_DEADLINE`, {
      pid: task.pid,
    });
  let priority: number | undefined;
  if (plain === SCHED_FIFO || plain === SCHED_RR) {
    const param = new Int32Array(1);
    check('sched_getparam', sysRaw('sched_getparam', tid, param), tid);
    [priority] = param;
  }
  // The system call returns 20 - nice, so that no result looks like an error.
  const nice = 20 - check('getpriority', sysRaw('getpriority', PRIO_PROCESS, tid), tid);
  return {
    tid,
    robustList,
    robustLength: Number(robustLength),
    policy,
    priority,
    nice,
    rseqCs: rseqSection(task, tid),
    call: callOf(task, tid),
    info: undefined,
    clearTid: 0n,
    stack: { sp: 0n, flags: 0, size: 0n },
    pdeath: 0,
    more: { ...schedulingOf(ctx, task, tid), ...speculationOf(task.statusOf(tid)) },
  };
}

function factsOf(task: LiveTask, facts: ReadonlyMap<number, ThreadFacts>, tid: number): ThreadFacts {
  const thread = facts.get(tid);
  if (!thread) throw new CriuError('INTERNAL', `nothing is known of thread ${tid}`, { pid: task.pid });
  return thread;
}

/** Syscall user dispatch, as reported by ptrace. */
function dispatchOf({ dispatch }: ThreadState): Partial<ThreadCoreEntry> {
  if (!dispatch) return {};
  return {
    dispatch_mode: dispatch.mode,
    dispatch_selector: dispatch.selector,
    dispatch_offset: dispatch.offset,
    dispatch_length: dispatch.length,
  };
}

/** Pending signals that a thread will handle as soon as it runs, as a mask: bit N-1 for signal N. */
function handledSoon(task: LiveTask, { tid, sigmask }: ThreadState): bigint {
  const { sigPnd, shdPnd, sigCgt } = task.statusOf(tid);
  return (sigPnd | shdPnd) & sigCgt & ~sigmask;
}

/**
 * The handler that a thread runs first: signals of the thread precede those of the process, and lower numbers precede
 * higher ones.
 */
function firstHandler(task: LiveTask, state: ThreadState, actions: readonly SaEntry[]): FirstHandler {
  const soon = handledSoon(task, state);
  if (soon === 0n) return 'none';
  const own = soon & task.statusOf(state.tid).sigPnd;
  const signal = (own || soon).toString(2).split('').reverse().indexOf('1') + 1;
  // Actions of all signals but SIGKILL and SIGSTOP.
  const action = actions[signal - 1 - (signal > SIGKILL ? 1 : 0) - (signal > SIGSTOP ? 1 : 0)];
  return action && action.flags & BigInt(SA_RESTART) ? 'restarts' : 'interrupts';
}

/** The registers with which a thread continues. */
function registersOf(facts: ThreadFacts, regs: Buffer, first?: FirstHandler): UserX86RegsEntry {
  const gpregs = gpregsEntry(regs, first, facts.call);
  const cs = facts.rseqCs;
  const inside = cs && gpregs.ip >= cs.start && gpregs.ip - cs.start < cs.length;
  // A restartable sequence cannot be continued after a restore, as after a preemption: the thread continues at its
  // abort handler.
  return inside && !(cs.flags & RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL) ? { ...gpregs, ip: cs.abort } : gpregs;
}

/** The three TLS entries of the GDT are not used by 64-bit programs. */
const NO_TLS = [12, 13, 14].map((number) => ({
  entry_number: number,
  base_addr: 0,
  limit: 0,
  seg_32bit: false,
  contents_h: false,
  contents_l: false,
  read_exec_only: true,
  limit_in_pages: false,
  seg_not_present: true,
  usable: false,
}));

export const threadsDump: DumpPart<Map<number, ThreadFacts>> = {
  needs: [
    { of: 'rseq', why: 'the critical section that a thread is in changes the registers it goes on with' },
    {
      of: 'signals',
      why: 'the handler of a pending signal may interrupt the system call that a thread is in',
    },
  ],
  beforeFreeze: noteUsual,

  collect: (ctx, task) => new Map(task.tids.map((tid) => [tid, collectThread(ctx, task, tid)])),

  ask(task, tid, p, facts) {
    const clearTid = p.out(8);
    const stack = p.out(stack_t.sizeof);
    const pdeath = p.out(8);
    p.syscall('prctl', [PR_GET_TID_ADDRESS, clearTid, 0, 0, 0], { label: 'clear_child_tid' });
    p.syscall('sigaltstack', [0, stack]);
    p.syscall('prctl', [PR_GET_PDEATHSIG, pdeath, 0, 0, 0]);
    const switches = askSwitches(p);
    const mempolicy = askMempolicy(p);
    const cookie = p.out(8);
    p.syscall('prctl', [PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0, cookie], { expect: 'any' });
    return (r) => {
      const thread = factsOf(task, facts, tid);
      const s = r.bytes(stack);
      thread.clearTid = r.bytes(clearTid).readBigUInt64LE(0);
      thread.stack = {
        sp: s.readBigUInt64LE(stack_t.ss_sp),
        flags: s.readUInt32LE(stack_t.ss_flags),
        size: s.readBigUInt64LE(stack_t.ss_size),
      };
      thread.pdeath = r.bytes(pdeath).readInt32LE(0);
      Object.assign(thread.more, switches(r), mempolicy(r));
      if (r.bytes(cookie).readBigUInt64LE(0) !== 0n)
        throw new CriuError(
          'UNSUPPORTED',
          `thread ${tid} shares its core only with certain others (PR_SCHED_CORE)`,
          { pid: task.pid },
        );
    };
  },

  meanwhile(task, facts) {
    const layout = addon().xsaveLayout();
    for (const { tid, regs, xsave } of task.state.threads) {
      const thread = factsOf(task, facts, tid);
      if (!xsave) continue;
      const lost = lostComponents(xsave);
      if (lost.length > 0)
        throw new CriuError(
          'UNSUPPORTED',
          `thread ${tid} uses registers that images have no room for (XSAVE component ${lost.join(', ')})`,
          { pid: task.pid },
        );
      thread.info = {
        clear_tid_addr: 0n,
        gpregs: registersOf(thread, regs),
        fpregs: fpregsEntry(xsave, layout),
        tls: NO_TLS,
      };
    }
  },

  describe(_ctx, task, facts) {
    const { personality } = facts.get(task.pid)?.more ?? {};
    for (const state of task.state.threads) {
      const { tid } = state;
      const thread = factsOf(task, facts, tid);
      const config = state.rseq;
      if (!thread.info)
        throw new CriuError('UNSUPPORTED', `thread ${tid} waits in vfork() for its child`, { pid: task.pid });
      const first = firstHandler(task, state, task.taskCore().sigactions ?? []);
      const handled = first === 'none' ? {} : { gpregs: registersOf(thread, state.regs, first) };
      task.core(tid).thread_info = { ...thread.info, clear_tid_addr: thread.clearTid, ...handled };
      const core = task.threadCore(tid);
      core.futex_rla = thread.robustList;
      core.futex_rla_len = thread.robustLength;
      core.sched_nice = thread.nice;
      core.sched_policy = thread.policy;
      if (thread.priority !== undefined) core.sched_prio = thread.priority;
      core.sas = { ss_sp: thread.stack.sp, ss_size: thread.stack.size, ss_flags: thread.stack.flags };
      if (thread.pdeath) core.pdeath_sig = thread.pdeath;
      core.comm = task.statusOf(tid).name;
      Object.assign(core, thread.more, dispatchOf(state));
      if (core.personality === personality) delete core.personality;
      const { rseqCs } = thread;
      core.rseq_entry = {
        rseq_abi_pointer: config.pointer,
        rseq_abi_size: config.size,
        signature: config.signature,
        ...(rseqCs && rseqCs.flags & RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL
          ? { rseq_cs_pointer: rseqCs.pointer }
          : {}),
      };
    }
  },
};
