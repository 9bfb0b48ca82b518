// Files of /proc that belong to tasks of the checkpoint. Some exist only when the task has its descriptors.

import type { PlanContext } from '../../../engine/plan.js';
import type { RegFileEntry } from '../../../images/types.js';

/** Whether the name of a file is in /proc. */
export function ofProc({ name }: RegFileEntry): boolean {
  return name.startsWith('/proc/') || name.startsWith('proc/');
}

/** The task to which a path in /proc belongs, and the rest of the path. */
export function procTask(ctx: PlanContext, reg: RegFileEntry): { pid: number; rest: string } | undefined {
  if (!ofProc(reg)) return undefined;
  const match = /^\/?proc\/(\d+)(?:\/(.*))?$/.exec(reg.name);
  const pid = Number(match?.[1]);
  if (!match || !ctx.checkpoint.tasks.some((t) => t.pid === pid)) return undefined;
  return { pid, rest: match[2] ?? '' };
}

/** Whether the file belongs to a descriptor of a task, which has to exist first. */
export function aboutDescriptor(ctx: PlanContext, reg: RegFileEntry): boolean {
  return /^(task\/\d+\/)?(fd|fdinfo)\/\d+$/.test(procTask(ctx, reg)?.rest ?? '');
}
