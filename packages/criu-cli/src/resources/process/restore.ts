// State that all threads of a process share: signal actions, limits, directories, umask, and some prctl(2) switches.
import type { PlanContext, RestoreModule, TaskPlan } from '../../engine/plan.js';
import { endShortLived, startShortLived } from '../../engine/short-lived.js';
import { CriuError } from '../../errors.js';
import { type Rlimit, readLimits, readLoginUid, readOomScoreAdj, readStatus } from '../../proc/index.js';
import { AT_FDCWD, O_RDONLY, O_WRONLY } from '../files/common.js';
import { endedTask } from '../files/regular/ghost.js';
import { imagePath, openRegular } from '../files/regular/restore.js';

const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const SIGSTOP = 19;
const NSIG = 64;
const CAP_SYS_RESOURCE = 1n << 24n;

export class ProcessRestore implements RestoreModule {
  readonly name = 'process';

  plan(ctx: PlanContext): void {
    const mine = readLimits(process.pid);
    const mayRaise = (readStatus(process.pid).capEff & CAP_SYS_RESOURCE) !== 0n;
    for (const plan of ctx.tasks) {
      const tc = plan.task.core.tc!;
      signalActions(plan);
      resourceLimits(ctx, plan, mine, mayRaise);
      oomScore(plan, tc.oom_score_adj);
      loginUid(plan, tc.loginuid);
      directories(ctx, plan);
      const p = plan.program('process');
      p.syscall('personality', [tc.personality], { label: `personality ${tc.personality}` });
      if (tc.child_subreaper) p.syscall('prctl', [PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0]);
      const membarrier = tc.membarrier_registration_mask ?? 0;
      for (let bit = 0; bit < 32; bit++) {
        if ((membarrier >>> bit) & 1)
          p.syscall('membarrier', [2 ** bit, 0, 0], { label: `membarrier registration ${bit}` });
      }
    }
  }
}

/** struct kernel_sigaction of each signal; the two that cannot be caught are not in the image. */
function signalActions(plan: TaskPlan): void {
  const actions = plan.task.core.tc!.sigactions;
  if (actions.length === 0) return;
  if (actions.length !== NSIG - 2) {
    throw new CriuError('BAD_IMAGE', `${actions.length} signal actions, not ${NSIG - 2}`, {
      file: `core-${plan.pid}.img`,
    });
  }
  let i = 0;
  for (let signal = 1; signal <= NSIG; signal++) {
    if (signal === SIGKILL || signal === SIGSTOP) continue;
    const a = actions[i++]!;
    if (a.compat_sigaction) {
      throw new CriuError('UNSUPPORTED', 'the task is a 32-bit one', { pid: plan.pid });
    }
    const p = plan.program('process');
    p.syscall('rt_sigaction', [signal, p.u64(a.sigaction, a.flags, a.restorer, a.mask), null, 8], {
      label: `action of signal ${signal}`,
    });
  }
}

function resourceLimits(ctx: PlanContext, plan: TaskPlan, mine: readonly Rlimit[], mayRaise: boolean): void {
  const wanted = plan.task.core.tc!.rlimits?.rlimits ?? [];
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
    // RLIMIT_NOFILE and RLIMIT_NPROC would get in the way of what is still to be made; so all limits come late.
    const p = plan.program('signals');
    p.syscall('prlimit64', [0, resource, p.u64(soft, hard), null], { label: `limit ${resource}` });
  }
}

/** Writes a number into a file of the task's own in /proc. */
function writeOwn(plan: TaskPlan, name: string, value: number): void {
  const p = plan.program('process');
  const text = Buffer.from(String(value));
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`/proc/self/${name}`), O_WRONLY]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `${name} ${value}` });
  p.syscall('close', [fd]);
}

function oomScore(plan: TaskPlan, score: number | undefined): void {
  if (score === undefined || readOomScoreAdj(process.pid) === score) return;
  writeOwn(plan, 'oom_score_adj', score);
}

/** Can be set once, where it is not set yet; the kernel may have no audit at all. */
function loginUid(plan: TaskPlan, uid: number | undefined): void {
  const own = readLoginUid(process.pid);
  if (uid === undefined || own === undefined || own === uid >>> 0) return;
  writeOwn(plan, 'loginuid', uid >>> 0);
}

function directories(ctx: PlanContext, plan: TaskPlan): void {
  const fs = plan.task.fs;
  if (!fs) return;
  const root = ctx.checkpoint.file(fs.root_id, `the root of task ${plan.pid}`).reg;
  const cwd = ctx.checkpoint.file(fs.cwd_id, `the working directory of task ${plan.pid}`).reg;
  if (!root || !cwd)
    throw new CriuError('BAD_IMAGE', 'root and working directory must be files of names', {
      file: `fs-${plan.pid}.img`,
    });
  const ended = endedTask(ctx, cwd);
  const cwdFd = plan.tempFd();
  if (ended === undefined) openRegular(ctx, plan, cwd, cwdFd, O_RDONLY);
  const p = plan.program('process');
  if (root.name !== '/' && root.name !== '.') {
    const rootFd = plan.tempFd();
    openRegular(ctx, plan, root, rootFd, O_RDONLY);
    p.syscall('fchdir', [rootFd], { label: `root ${root.name}` });
    p.syscall('chroot', [p.cstring('.')], { label: `root ${root.name}` });
  }
  if (ended === undefined) p.syscall('fchdir', [cwdFd], { label: `working directory ${cwd.name}` });
  else {
    // Only while the process is there its directory can be entered.
    const shortLived = startShortLived(p, ended);
    p.syscall('chdir', [p.cstring(imagePath(cwd.name))], { label: `working directory ${cwd.name}` });
    endShortLived(p, shortLived);
  }
  if (fs.umask !== undefined) p.syscall('umask', [fs.umask], { expect: 'any' });
}
