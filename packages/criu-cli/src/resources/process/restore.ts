// State that all threads of a process share: limits, and some switches of prctl(2).

import { Program } from '@criu/compel';
import {
  CAP_SYS_RESOURCE,
  PR_SET_CHILD_SUBREAPER,
  RLIMIT_SIGPENDING,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { TaskState } from '../../images/checkpoint.js';
import { type Rlimit, readLimits, readLoginUid, readOomScoreAdj, readStatus } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { hasPending } from '../signals/restore.js';
import { writeOwn } from './own-file.js';

const STOPPING: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

export const processRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    const mine = readLimits(process.pid);
    const mayRaise = (readStatus(process.pid).capEff & (1n << BigInt(CAP_SYS_RESOURCE))) !== 0n;
    autogroups(ctx);
    for (const plan of ctx.tasks) {
      const { tc } = plan.task.core;
      checkStop(plan);
      resourceLimits(ctx, plan, mine, mayRaise);
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

function resourceLimits(ctx: PlanContext, plan: TaskPlan, mine: readonly Rlimit[], mayRaise: boolean): void {
  const wanted = plan.task.core.tc.rlimits?.rlimits ?? [];
  const pending = hasPending(plan);
  for (const [resource, { cur, max }] of wanted.entries()) {
    const own = mine[resource];
    let [soft, hard] = [cur, max];
    if (own && hard > own.max && !mayRaise) {
      ctx.log.warn(
        `task ${plan.pid}: limit ${resource} stays at ${own.max}: raising it to ${hard} needs CAP_SYS_RESOURCE`,
      );
      hard = own.max;
      if (soft > hard) soft = hard;
    }
    // All limits are set late: RLIMIT_NOFILE and RLIMIT_NPROC would hinder what is still to be created.
    // RLIMIT_SIGPENDING comes last, since signals may have been queued before it was lowered.
    const last = resource === RLIMIT_SIGPENDING && pending && own && hard <= own.max;
    const p = last ? lastProgram(plan) : plan.program('signals');
    p.syscall('prlimit64', [0, resource, p.u64(soft, hard), null], { label: `limit ${resource}` });
  }
}

/** The value of this process, with which new tasks begin. */
const ownOomScore = stateKey('own oom_score_adj', (_: PlanContext) => readOomScoreAdj(process.pid));

function oomScore(ctx: PlanContext, plan: TaskPlan, score: number | undefined): void {
  if (score === undefined || ctx.states.get(ownOomScore) === score) return;
  writeOwn(ctx, plan, 'oom_score_adj', score);
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
  const own = readLoginUid(process.pid);
  if (uid === undefined || own === undefined || own === uid >>> 0) return;
  writeOwn(ctx, plan, 'loginuid', uid >>> 0);
}
