// Files of a task's own in /proc that it writes to itself.
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';
import type { TaskPlan } from '../../engine/plan.js';

/** Writes a value into one. */
export function writeOwn(plan: TaskPlan, name: string, value: number | string): void {
  const p = plan.program('process');
  const text = Buffer.from(String(value));
  const fd = p.syscall('openat', [AT_FDCWD, p.cstring(`/proc/self/${name}`), O_WRONLY]);
  p.syscall('write', [fd, p.data(text), text.length], { label: `${name} ${value}` });
  p.syscall('close', [fd]);
}
