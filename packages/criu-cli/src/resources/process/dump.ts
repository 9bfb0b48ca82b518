// State of a whole process that no other kind covers: name, flags, personality, limits and others.
import { MEMBARRIER_CMD_GET_REGISTRATIONS, PR_GET_CHILD_SUBREAPER, SIGSTOP } from '@criu/native/uapi';
import { exitSignal } from '../../engine/describe.js';
import type { DumpPart } from '../../engine/resource.js';
import {
  LOGINUID_UNSET,
  type Rlimit,
  readAutogroupNice,
  readLimits,
  readLoginUid,
  readOomScoreAdj,
  readPersonality,
} from '../../proc/index.js';
import { userInside } from '../../views/users.js';
import { stopIsPending } from '../signals/dump.js';
import { askStops, hasParentSeenStop, isContinued } from './stops-dump.js';

export const TaskState = { ALIVE: 1, DEAD: 2, STOPPED: 3 } as const;

interface Facts {
  readonly limits: Rlimit[];
  readonly personality: number;
  readonly loginuid: number | undefined;
  readonly oomScoreAdj: number;
  readonly autogroupNice: number | undefined;
  subreaper: boolean;
  membarrier: number;
}

export const processDump: DumpPart<Facts> = {
  collect: (_ctx, task) => ({
    limits: readLimits(task.pid),
    personality: readPersonality(task.pid),
    loginuid: readLoginUid(task.pid),
    oomScoreAdj: readOomScoreAdj(task.pid),
    autogroupNice: readAutogroupNice(task.pid),
    subreaper: false,
    membarrier: 0,
  }),

  ask(task, tid, p, facts) {
    if (tid !== task.pid) return () => {};
    const subreaper = p.out(8);
    p.syscall('prctl', [PR_GET_CHILD_SUBREAPER, subreaper, 0, 0, 0]);
    // Since Linux 6.3; without it, membarrier registrations are not dumped.
    const registered = p.syscall('membarrier', [MEMBARRIER_CMD_GET_REGISTRATIONS, 0, 0], { expect: 'any' });
    const stops = askStops(task, p);
    return (r) => {
      stops(r);
      facts.subreaper = r.bytes(subreaper).readInt32LE(0) !== 0;
      facts.membarrier = Math.max(0, r.value(registered));
    };
  },

  describe(ctx, task, facts) {
    const tc = task.taskCore();
    const leader = task.task.threads.find((t) => t.tid === task.pid);
    const onItsWay = stopIsPending(task.state) ? SIGSTOP : undefined;
    const stopped = leader?.stopped.kind === 'stopped' ? leader.stopped.signal : onItsWay;
    tc.task_state = stopped === undefined ? TaskState.ALIVE : TaskState.STOPPED;
    if (stopped !== undefined) {
      tc.stop_signo = stopped;
      if (hasParentSeenStop(task)) tc.stop_told = true;
    } else if (isContinued(task)) tc.continued = true;
    tc.exit_code = 0;
    Object.assign(tc, exitSignal(task));
    tc.personality = facts.personality;
    tc.flags = task.stat.flags;
    tc.comm = task.stat.comm;
    tc.rlimits = { rlimits: facts.limits };
    if (facts.loginuid !== undefined)
      tc.loginuid =
        facts.loginuid >>> 0 === LOGINUID_UNSET
          ? LOGINUID_UNSET
          : (userInside(ctx, facts.loginuid) ?? LOGINUID_UNSET);
    tc.oom_score_adj = facts.oomScoreAdj;
    if (facts.autogroupNice) tc.autogroup_nice = facts.autogroupNice;
    tc.child_subreaper = facts.subreaper;
    if (facts.membarrier) tc.membarrier_registration_mask = facts.membarrier;
  },
};
