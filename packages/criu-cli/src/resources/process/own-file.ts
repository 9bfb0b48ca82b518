// Writes to files of /proc/self in a task.
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { hasProc, procSlot } from '../../views/planned-mounts.js';

/**
 * Adds steps by which the task writes a value to one of its files in its own mount of /proc, or in the caller's if it
 * has none.
 */
export function writeOwn(ctx: PlanContext, plan: TaskPlan, name: string, value: number | string): void {
  const own = hasProc(ctx, plan);
  const folder = own ? AT_FDCWD : plan.tempFd();
  if (!own) plan.take('process', procSlot(ctx), folder);
  const p = plan.program('process');
  const text = Buffer.from(String(value));
  const fd = p.syscall('openat', [folder, p.cstring(`${own ? '/proc/' : ''}self/${name}`), O_WRONLY]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `${name} ${value}` });
  p.syscall('close', [fd]);
  if (!own) p.syscall('close', [folder]);
}
