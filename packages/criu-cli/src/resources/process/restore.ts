// State that all threads of a process share: limits, and some switches of prctl(2).

import { Program } from '@criu/compel';
import {
  PR_SET_CHILD_SUBREAPER,
  RLIMIT_SIGPENDING,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
} from '@criu/native/uapi';
import { holds } from '../../capabilities.js';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { TaskState } from '../../images/checkpoint.js';
import { readLimits, readLoginUid, readOomScoreAdj } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { hasPending } from '../signals/restore.js';
import { writeOwn } from './own-file.js';

const STOPPING: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

export const processRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    autogroups(ctx);
    for (const plan of ctx.tasks) {
      const { tc } = plan.task.core;
      checkStop(plan);
      resourceLimits(ctx, plan);
      oomScore(ctx, plan, tc.oom_score_adj);
      loginUid(ctx, plan, tc.loginuid);
      const p = plan.program('process');
      p.syscall('personality', [tc.personality], { label: `personality ${tc.personality}` });
      if (tc.child_subreaper) p.syscall('prctl', [PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0]);
      const membarrier = tc.membarrier_registration_mask ?? 0;
      for (let bit = 0; bit < 32; bit++) {
        if ((membarrier >>> bit) & 1)
          p.syscall('membarrier', [2 ** bit, 0, 0], { label: `membarrier registration ${bit}` });
      }
    }
  },
};

/**
 * The restore sends the stop signal of a stopped task, so it must be a signal that stops.
 * @throws CriuError BAD_IMAGE
 */
function checkStop(plan: TaskPlan): void {
  const { task_state: state, stop_signo: signal } = plan.task.core.tc;
  if (state !== TaskState.STOPPED || signal === undefined || STOPPING.includes(signal)) return;
  throw new CriuError('BAD_IMAGE', `no task is stopped by signal ${signal}`, {
    pid: plan.pid,
    file: `core-${plan.pid}.img`,
  });
}

/** A program of the task that runs when all of its threads exist. */
function lastProgram(plan: TaskPlan): Program {
  const program = new Program('limits');
  plan.lastPrograms.push({ tid: plan.pid, program });
  return program;
}

/** What tasks inherit from this process. It decides what is sent to them, but not the plan. */
const inherited = stateKey('what tasks inherit from whoever restores', (_: PlanContext) => ({
  limits: readLimits(process.pid),
  mayRaise: holds('CAP_SYS_RESOURCE'),
  oomScore: readOomScoreAdj(process.pid),
  /** Undefined if the kernel was built without audit. */
  loginUid: readLoginUid(process.pid),
}));

const larger = (a: bigint, b: bigint) => (a > b ? a : b);
const smaller = (a: bigint, b: bigint) => (a < b ? a : b);

function resourceLimits(ctx: PlanContext, plan: TaskPlan): void {
  const wanted = plan.task.core.tc.rlimits?.rlimits ?? [];
  const { limits, mayRaise } = ctx.states.get(inherited);
  for (const [resource, { cur, max }] of wanted.entries()) {
    const own = limits[resource];
    /** The highest hard limit that this task can have. */
    const most = () => (own && !mayRaise ? smaller(max, own.max) : max);
    if (most() < max)
      ctx.log.warn(
        `task ${plan.pid}: limit ${resource} stays at ${most()}: raising it to ${max} needs CAP_SYS_RESOURCE`,
      );
    const set = (p: Program, soft: () => bigint, hard: () => bigint) => {
      const late = (name: string, value: () => bigint) => ({ kind: 'late', name, value }) as const;
      p.syscall('prlimit64', [0, resource, p.u64(late('soft limit', soft), late('hard limit', hard)), null], {
        label: `limit ${resource}`,
      });
    };
    const soft = () => smaller(cur, most());
    // All limits are set late: RLIMIT_NOFILE and RLIMIT_NPROC would hinder what is still to be created.
    const p = plan.program('signals');
    if (resource !== RLIMIT_SIGPENDING || !hasPending(plan)) set(p, soft, most);
    else {
      // Signals may have been queued before the limit was lowered: until they are, it is as high as can be.
      const { cur: ownSoft = 0n, max: ownHard = 0n } = own ?? {};
      set(
        p,
        () => larger(soft(), ownSoft),
        () => larger(most(), ownHard),
      );
      set(lastProgram(plan), soft, most);
    }
  }
}

function oomScore(ctx: PlanContext, plan: TaskPlan, score: number | undefined): void {
  if (score === undefined) return;
  writeOwn(ctx, plan, 'oom_score_adj', score, () => ctx.states.get(inherited).oomScore);
}

/** Each session has an autogroup, which one of its tasks sets; that of a shell whose job is restored stays as it is. */
function autogroups(ctx: PlanContext): void {
  const { root } = ctx.checkpoint;
  const done = new Set<number>(root.sid === root.pid ? [] : [root.sid]);
  for (const plan of ctx.tasks) {
    const { sid, core } = plan.task;
    if (done.has(sid)) continue;
    done.add(sid);
    if (core.tc.autogroup_nice) writeOwn(ctx, plan, 'autogroup', core.tc.autogroup_nice);
  }
}

/** The login uid can be set only once, while it is unset. The kernel may have been built without audit. */
function loginUid(ctx: PlanContext, plan: TaskPlan, uid: number | undefined): void {
  if (uid === undefined) return;
  const wanted = uid >>> 0;
  writeOwn(ctx, plan, 'loginuid', wanted, () => ctx.states.get(inherited).loginUid ?? wanted);
}
