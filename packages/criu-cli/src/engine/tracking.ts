// The tasks of a dump as the tracker of their changes needs them.
import { PROT_WRITE } from '@criu/native/uapi';
import type { TrackedTask } from '../pages/tracker.js';
import type { LiveTask } from './dump-context.js';

/** Memory of the kernel's own, or of huge pages, is compared. */
const OTHERS = ['ht', 'io', 'pf'];

/** A task that stands still, with the mappings that it may have written to. */
export function tracked(live: LiveTask): TrackedTask {
  const { task, pid, smaps } = live;
  const mappings = smaps
    .filter(({ shared, prot, path, ino, vmFlags }) => {
      const own = !shared && (ino === 0n || (prot & PROT_WRITE) !== 0) && !/^\[v(dso|var|syscall)/.test(path);
      return own && !OTHERS.some((flag) => vmFlags.includes(flag));
    })
    .map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }));
  return {
    pid,
    mappings,
    syscall: (name, args) => task.session?.bareSyscall(name, args) ?? task.syscall(name, args),
  };
}
