// Restores threads: each is created with its tid and runs a program for everything that it has to set itself; the
// leader does the same before.

import { Program } from '@criu/compel';
import { abi } from '@criu/native';
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VM,
  clone_args,
  MPOL_DEFAULT,
  PR_SET_DUMPABLE,
  PR_SET_NAME,
  PR_SET_PDEATHSIG,
  PRIO_PROCESS,
  SCHED_FIFO,
  SCHED_OTHER,
  SCHED_RESET_ON_FORK,
  SCHED_RR,
  stack_t,
} from '@criu/native/uapi';
import { THREAD_SLICE } from '../../engine/layout.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import type { ImageThread } from '../../images/checkpoint.js';
import { agentIds, isConfined } from '../../views/planned-users.js';
import { fixedCreds } from '../creds/fixed.js';
import { chosenLabelsFor, giveTaskLabel, type Label, labelFor } from '../creds/label-restore.js';
import { LSM } from '../creds/profile.js';
import { type Changes, type Confinement, restoreCreds } from '../creds/restore.js';
import { queuePrivate, queueShared } from '../signals/restore.js';
import { setMempolicy } from './mempolicy.js';
import { withoutRepeats } from './repeats.js';
import { scheduleFromOutside } from './schedule-from-outside.js';
import { bindToCpus, forgetScheduling, setScheduling } from './scheduling.js';
import { setSwitches } from './switches.js';

/** The flags of pthread_create(3), without those for pointers that the images have elsewhere. */
const THREAD_FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
const STACK = 0x1000;

export const threadsRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const privileged = {
      groupsFixed: agentIds(ctx).groupsFixed,
      fixed: fixedCreds(ctx),
    };
    const confined = isConfined(ctx);
    if (confined) scheduleFromOutside(ctx);
    bindToCpus(ctx);
    // All other tasks are its descendants, and are born when it has done this.
    forgetScheduling(ctx.root.program('namespaces'));
    for (const plan of ctx.tasks) {
      const [leader, ...others] = plan.task.threads;
      if (!leader) continue;
      // Before it makes threads, and before it has limits for real-time scheduling: until here the restore may hasten it.
      forgetScheduling(plan.program('fixup'));
      // The policy applies when memory is filled, and threads inherit it.
      setMempolicy(ctx, plan.program('address-space'), leader.tid, leader.core.thread_core);
      const label = labelFor(ctx, leader.tid);
      if (label?.module === LSM.SELINUX) giveTaskLabel(plan, label);
      const planned = ctx.onPaper ? withoutRepeats(others) : others;
      for (const [i, thread] of planned.entries())
        addThread(plan, thread, i, { ...privileged, ...confinement(ctx, thread, label) }, confined, (p) => {
          const { mempolicy_mode: mode = leader.core.thread_core.mempolicy_mode && MPOL_DEFAULT } =
            thread.core.thread_core;
          setMempolicy(ctx, p, thread.tid, {
            ...thread.core.thread_core,
            ...(mode === undefined ? {} : { mempolicy_mode: mode }),
          });
        });
      ownState(plan.program('signals'), leader, confined);
      const signals = plan.program('signals');
      queuePrivate(() => signals, plan.pid, leader.tid, leader.core.thread_core.signals_p);
      queueShared(plan.program('signals'), plan.pid, plan.task.core.tc?.signals_s);
      const own = confinement(ctx, leader, label);
      privileges(
        lateOr(plan, leader, own, () => plan.program('credentials')),
        plan,
        leader,
        { ...privileged, ...own },
      );
    }
  },
};

/** The LSM labels that a thread has to set itself, given the label that the leader has or gets (`leaders`). */
function confinement(ctx: PlanContext, { tid, core }: ImageThread, leaders: Label | undefined): Confinement {
  const label = labelFor(ctx, tid);
  const made = label?.module === LSM.SELINUX && label.label === leaders?.label;
  return { label: made ? undefined : label, chosen: chosenLabelsFor(ctx, core.thread_core.creds) };
}

/**
 * Steps for state that a thread can only set itself and that needs no privileges afterwards. @param confined its
 * scheduling is set from outside
 */
function ownState(p: Program, { tid, core }: ImageThread, confined: boolean): void {
  const { thread_info: info, thread_core: thread } = core;
  const comm = thread.comm ?? core.tc?.comm;
  if (comm !== undefined)
    p.syscall('prctl', [PR_SET_NAME, p.cstring(comm), 0, 0, 0], { label: () => `name of ${tid}` });
  p.syscall('set_tid_address', [info.clear_tid_addr], { expect: 'any' });
  if (thread.futex_rla)
    p.syscall('set_robust_list', [thread.futex_rla, thread.futex_rla_len], {
      label: () => `robust list of ${tid}`,
    });
  if (thread.sas?.ss_sp) {
    const stack = Buffer.alloc(stack_t.sizeof);
    stack.writeBigUInt64LE(thread.sas.ss_sp, stack_t.ss_sp);
    stack.writeInt32LE(
      thread.sas.ss_flags & 0x80000000 ? thread.sas.ss_flags | 0 : thread.sas.ss_flags & ~1,
      stack_t.ss_flags,
    );
    stack.writeBigUInt64LE(thread.sas.ss_size, stack_t.ss_size);
    p.syscall('sigaltstack', [p.data(stack), null], { label: `alternate stack of ${tid}` });
  }
  if (!confined) {
    scheduling(p, tid, thread);
    setScheduling(p, tid, thread);
  }
  setSwitches(p, tid, thread);
  const rseq = thread.rseq_entry;
  if (rseq?.rseq_abi_pointer) {
    p.syscall('rseq', [rseq.rseq_abi_pointer, rseq.rseq_abi_size, 0, rseq.signature], {
      label: `rseq of ${tid}`,
    });
  }
}

function scheduling(p: Program, tid: number, thread: ImageThread['core']['thread_core']): void {
  const asked = thread.sched_policy ?? 0;
  const policy = asked & ~SCHED_RESET_ON_FORK;
  if (asked !== SCHED_OTHER) {
    const priority = policy === SCHED_FIFO || policy === SCHED_RR ? (thread.sched_prio ?? 0) : 0;
    p.syscall('sched_setscheduler', [0, asked, p.i32(priority)], { label: `scheduling of ${tid}` });
  }
  // The nice value has no effect during real-time scheduling, but afterwards.
  if (thread.sched_nice !== undefined)
    p.syscall('setpriority', [PRIO_PROCESS, 0, thread.sched_nice], { label: `nice value of ${tid}` });
}

/**
 * The program that sets the thread's credentials. The tracer installs seccomp filters, which needs privileges, so a
 * thread with filters keeps its privileges until then. A profile of AppArmor may forbid the socket of the agent, so it
 * is set when the agent has had all its messages.
 */
function lateOr(plan: TaskPlan, thread: ImageThread, { label }: Confinement, early: () => Program): Program {
  if (!thread.core.thread_core.seccomp_mode && label?.module !== LSM.APPARMOR) return early();
  const program = new Program('privileges');
  plan.finalPrograms.push({ tid: thread.tid, program });
  return program;
}

/** The last steps of a thread: its credentials, then what a change of ids resets. */
function privileges(
  p: Program,
  plan: TaskPlan,
  thread: ImageThread,
  privileged: Changes & Confinement,
): void {
  const { creds, pdeath_sig: pdeath } = thread.core.thread_core;
  if (creds) restoreCreds(p, creds, privileged, privileged);
  if (pdeath) p.syscall('prctl', [PR_SET_PDEATHSIG, pdeath, 0, 0, 0], { label: 'parent death signal' });
  const dumpable = plan.task.mm?.dumpable;
  // The value 2 results from a change of ids; it cannot be set.
  if (thread.tid === plan.pid && (dumpable === 0 || dumpable === 1))
    p.syscall('prctl', [PR_SET_DUMPABLE, dumpable, 0, 0, 0]);
}

/** Number of pending signals up to which the thread's own program queues them, limited by its slice. */
const FEW_SIGNALS = 16;

/** The program in which pending signals of a thread are queued: its own if they are few, else additional ones. */
function roomFor(plan: TaskPlan, { tid, core }: ImageThread, mine: Program): () => Program {
  if ((core.thread_core.signals_p?.signals.length ?? 0) <= FEW_SIGNALS) return () => mine;
  let program: Program | undefined;
  return () => {
    if (!program || program.length >= FEW_SIGNALS) {
      program = new Program('signals');
      plan.finalPrograms.push({ tid, program });
    }
    return program;
  };
}

/** Puts the thread's program into its slice and creates the thread, which runs it and parks. */
function addThread(
  plan: TaskPlan,
  thread: ImageThread,
  index: number,
  privileged: Changes & Confinement,
  confined: boolean,
  first: (p: Program) => void,
): void {
  const mine = new Program(`thread ${thread.tid}`);
  first(mine);
  ownState(mine, thread, confined);
  queuePrivate(roomFor(plan, thread, mine), plan.pid, thread.tid, thread.core.thread_core.signals_p);
  privileges(
    lateOr(plan, thread, privileged, () => mine),
    plan,
    thread,
    privileged,
  );
  const encoded = mine.encode();
  const slice = plan.place.slices + index * THREAD_SLICE;
  const C = abi.AgentCtx;
  // The rest of the context is 0, as the slice is.
  const context = Buffer.alloc(C.nr_out_fds);
  const buffer = slice + align(C.size);
  const room = THREAD_SLICE - align(C.size) - STACK;
  if (encoded.bytes.length + 8 + mine.length * 8 > room) {
    throw new CriuError('UNSUPPORTED', `thread ${thread.tid} has more state than fits its slice`, {
      pid: plan.pid,
    });
  }
  context.writeBigUInt64LE(BigInt(slice), C.self);
  context.writeBigUInt64LE(BigInt(THREAD_SLICE), C.region_size);
  context.writeBigUInt64LE(BigInt(buffer), C.buffer);
  context.writeBigUInt64LE(BigInt(room), C.buffer_size);
  context.writeInt32LE(-1, C.control);
  const args = Buffer.alloc(clone_args.sizeof);
  args.writeBigUInt64LE(BigInt(THREAD_FLAGS), clone_args.flags);
  args.writeBigUInt64LE(BigInt(slice + THREAD_SLICE - STACK), clone_args.stack);
  args.writeBigUInt64LE(BigInt(STACK), clone_args.stack_size);
  args.writeBigUInt64LE(1n, clone_args.set_tid_size);
  const p = plan.program('threads');
  p.copy(slice, p.data(context), context.length);
  p.copy(buffer, p.data(encoded.bytes), encoded.bytes.length);
  const clone = p.data(args);
  p.poke(p.at(clone, clone_args.set_tid), p.constant(thread.tid), 8);
  p.thread(clone, slice, { expect: thread.tid, label: () => `make thread ${thread.tid}` });
  p.pollWord(slice + C.nr_out_fds, 0xffffffff, 1, 10_000, {
    label: () => `thread ${thread.tid} to set itself up`,
  });
  p.pollWord(buffer + abi.AgentProg.failed_at, 0xffffffff, 0xffffffff, 0, {
    label: () => `thread ${thread.tid}: a step of its own failed`,
  });
}

function align(n: number): number {
  return (n + 15) & ~15;
}
