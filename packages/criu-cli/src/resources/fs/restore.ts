// Root, working directory and umask of a process.
import { O_RDONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { endShortLived, startShortLived } from '../../engine/short-lived.js';
import { CriuError } from '../../errors.js';
import { endedTask } from '../files/regular/ghost.js';
import { imagePath, openRegular } from '../files/regular/restore.js';

export const fsRestore: RestorePart = {
  plan(ctx) {
    for (const plan of ctx.tasks) directories(ctx, plan);
  },
};

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
    // The directory /proc/PID of an ended process can only be entered while a process with that pid exists.
    const shortLived = startShortLived(p, ended);
    p.syscall('chdir', [p.cstring(imagePath(cwd.name))], { label: `working directory ${cwd.name}` });
    endShortLived(p, shortLived);
  }
  if (fs.umask !== undefined) p.syscall('umask', [fs.umask], { expect: 'any' });
}
