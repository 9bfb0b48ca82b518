// Converts the tasks of a dump for the tracker of memory changes.
import { PROT_WRITE } from '@criu/native/uapi';
import { rangesWhere } from '../pages/tables.js';
import type { TrackedTask } from '../pages/tracker.js';
import type { LiveTask } from './dump-task.js';

/**
 * VmFlags of mappings that the tracker skips: huge pages, memory-mapped I/O and raw page frames. Their pages are
 * compared instead.
 */
const OTHERS = ['ht', 'io', 'pf'];

/** A stopped task with the private mappings that it may have written to. */
export function tracked(live: LiveTask): TrackedTask {
  const { task, pid, smaps } = live;
  const mappings = rangesWhere(smaps, ({ shared, prot, path, ino, vmFlags }) => {
    const own = !shared && (ino === 0n || (prot & PROT_WRITE) !== 0) && !/^\[v(dso|var|syscall)/.test(path);
    return own && !OTHERS.some((flag) => vmFlags.includes(flag));
  });
  return {
    pid,
    mappings,
    syscall: (name, args) => task.session?.bareSyscall(name, args) ?? task.syscall(name, args),
  };
}
