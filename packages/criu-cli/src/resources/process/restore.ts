// State that all threads of a process share: signal actions, limits, directories, umask, and some prctl(2) switches.
import { existsSync, readFileSync } from 'node:fs';
import type { PlanContext, RestoreModule, TaskPlan } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import { AT_FDCWD, O_RDONLY } from '../files/common.js';
import { endedTask } from '../files/regular/ghost.js';
import { imagePath, openRegular } from '../files/regular/restore.js';
import { endShortLived, startShortLived } from '../files/short-lived.js';

const PR_SET_CHILD_SUBREAPER = 36;
const SIGKILL = 9;
const SIGSTOP = 19;
const NSIG = 64;
const UNLIMITED = 0xffffffffffffffffn;

export class ProcessRestore implements RestoreModule {
  readonly name = 'process';

  plan(ctx: PlanContext): void {
    const mine = limits(readFileSync('/proc/self/limits', 'latin1'));
    for (const plan of ctx.tasks) {
      const tc = plan.task.core.tc!;
      signalActions(plan);
      resourceLimits(ctx, plan, mine);
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

interface Limit {
  soft: bigint;
  hard: bigint;
}

/** Our own limits in the order of RLIMIT_*; /proc has them in the same one. */
function limits(text: string): Limit[] {
  const value = (word: string) => (word === 'unlimited' ? UNLIMITED : BigInt(word));
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const words = line.slice(26).trim().split(/\s+/);
      return { soft: value(words[0] ?? '0'), hard: value(words[1] ?? '0') };
    });
}

function resourceLimits(ctx: PlanContext, plan: TaskPlan, mine: readonly Limit[]): void {
  const wanted = plan.task.core.tc!.rlimits?.rlimits ?? [];
  const mayRaise = hasCapability(24 /* CAP_SYS_RESOURCE */);
  for (const [resource, { cur, max }] of wanted.entries()) {
    const own = mine[resource];
    let [soft, hard] = [cur, max];
    if (own && hard > own.hard && !mayRaise) {
      ctx.log.warn(
        `task ${plan.pid}: limit ${resource} stays at ${own.hard}: raising it to ${hard} needs CAP_SYS_RESOURCE`,
      );
      hard = own.hard;
      if (soft > hard) soft = hard;
    }
    // RLIMIT_NOFILE and RLIMIT_NPROC would get in the way of what is still to be made; so all limits come late.
    const p = plan.program('signals');
    p.syscall('prlimit64', [0, resource, p.u64(soft, hard), null], { label: `limit ${resource}` });
  }
}

/** Whether this process has a capability in its effective set. */
export function hasCapability(bit: number): boolean {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return match !== null && ((BigInt(`0x${match[1]}`) >> BigInt(bit)) & 1n) === 1n;
}

function oomScore(plan: TaskPlan, score: number | undefined): void {
  if (score === undefined) return;
  const own = Number(readFileSync('/proc/self/oom_score_adj', 'latin1'));
  if (own === score) return;
  const p = plan.program('process');
  const text = Buffer.from(String(score));
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring('/proc/self/oom_score_adj'), 1]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `oom_score_adj ${score}` });
  p.syscall('close', [fd]);
}

/** Can be set once, where it is not set yet; the kernel may have no audit at all. */
function loginUid(plan: TaskPlan, uid: number | undefined): void {
  if (uid === undefined || !existsSync('/proc/self/loginuid')) return;
  if (Number(readFileSync('/proc/self/loginuid', 'latin1')) === uid >>> 0) return;
  const p = plan.program('process');
  const text = Buffer.from(String(uid >>> 0));
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring('/proc/self/loginuid'), 1]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `loginuid ${uid}` });
  p.syscall('close', [fd]);
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
