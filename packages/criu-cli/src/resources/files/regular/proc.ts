// Files of /proc that are about tasks of the checkpoint; some are there only when the task has its descriptors.
import type { RegFileEntry } from '../../../engine/image-types.js';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { AT_FDCWD, FASYNC, moveTo, O_CLOEXEC, O_NOCTTY, O_PATH, setOwner } from '../common.js';

/** The task that a path in /proc is about, and what of it. */
export function procTask(ctx: PlanContext, reg: RegFileEntry): { pid: number; rest: string } | undefined {
  const match = /^\/?proc\/(\d+)(?:\/(.*))?$/.exec(reg.name);
  const pid = Number(match?.[1]);
  if (!match || !ctx.checkpoint.tasks.some((t) => t.pid === pid)) return undefined;
  return { pid, rest: match[2] ?? '' };
}

/** Whether the file is about a descriptor of a task, which has to be there first. */
export function opensLate(ctx: PlanContext, reg: RegFileEntry): boolean {
  return /^(task\/\d+\/)?(fd|fdinfo)\/\d+$/.test(procTask(ctx, reg)?.rest ?? '');
}

/** Something in its place until then. */
export function reserve(plan: TaskPlan, to: number): void {
  const p = plan.program('files');
  moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring('/dev/null'), O_PATH | O_CLOEXEC]), to);
}

export function openLate(ctx: PlanContext, plan: TaskPlan, reg: RegFileEntry, fds: readonly number[]): void {
  // The descriptor may be another task's.
  ctx.afterPhase('place', `open ${reg.name}`, () => undefined);
  const p = plan.program('fixup');
  const name = reg.name.startsWith('/') ? reg.name : `/${reg.name}`;
  const made = p.syscall('openat', [AT_FDCWD, p.cstring(name), (reg.flags & ~FASYNC) | O_NOCTTY], {
    label: `open ${name}`,
  });
  if (reg.pos && !(reg.flags & O_PATH)) p.syscall('lseek', [made, reg.pos, 0]);
  for (const fd of fds) {
    const flags = plan.task.fds.find((f) => f.fd === fd)!.flags;
    p.syscall('dup3', [made, fd, flags & 1 ? O_CLOEXEC : 0], { label: `place fd ${fd}` });
    setOwner(p, fd, reg.fown);
  }
  p.syscall('close', [made]);
}
