// Writes to files of /proc/self in a task.
import { Mark } from '@criu/compel';
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import { hasProc, procSlot } from '../../views/planned-mounts.js';

/**
 * Adds steps by which the task writes a value to one of its files in its own mount of /proc, or in the caller's if it
 * has none.
 * @param inherited the value that it has already, asked for when the steps are sent: if it is the same, nothing is written
 */
export function writeOwn(
  ctx: PlanContext,
  plan: TaskPlan,
  name: string,
  value: number,
  inherited?: () => number,
): void {
  const own = hasProc(ctx, plan);
  const folder = own ? AT_FDCWD : plan.tempFd();
  if (!own) plan.take('process', procSlot(ctx), folder);
  const p = plan.program('process');
  const done = new Mark();
  if (inherited)
    p.skipIf(
      { kind: 'late', name: `${name} is inherited`, value: () => Number(inherited() === value) },
      done,
    );
  const text = Buffer.from(String(value));
  const fd = p.syscall('openat', [folder, p.cstring(`${own ? '/proc/' : ''}self/${name}`), O_WRONLY]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `${name} ${value}` });
  p.syscall('close', [fd]);
  p.here(done);
  if (!own) p.syscall('close', [folder]);
}
