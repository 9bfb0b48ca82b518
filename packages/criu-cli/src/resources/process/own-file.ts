// Writes to files of /proc/self in a task.
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';
import type { TaskPlan } from '../../engine/plan.js';

/** Adds steps by which the task writes a value to one of its files. */
export function writeOwn(plan: TaskPlan, name: string, value: number | string): void {
  const p = plan.program('process');
  const text = Buffer.from(String(value));
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`/proc/self/${name}`), O_WRONLY]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `${name} ${value}` });
  p.syscall('close', [fd]);
}
