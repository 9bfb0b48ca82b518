// inotify(7): watches with their numbers, without events of the restore itself.
import type { Program } from '@criu/compel';
import { cstring, sys } from '@criu/native';
import {
  F_SETFL,
  IN_ALL_EVENTS,
  IN_EXCL_UNLINK,
  IN_ONESHOT,
  INOTIFY_IOC_SETNEXTWD,
  O_NONBLOCK,
} from '@criu/native/uapi';
import { callerSets } from '../../../views/planned-users.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { overflowed } from './overflow.js';
import { openTarget } from './target.js';

const EVENTS = 64 << 10;
const ROUNDS = 4;

/** Drops the events so far: the image has none. */
export function dropEvents(p: Program, fd: number, flags: number): void {
  p.syscall('fcntl', [fd, F_SETFL, (flags & SETFL_MASK) | O_NONBLOCK]);
  const room = p.data(EVENTS);
  for (let i = 0; i < ROUNDS; i++) p.syscall('read', [fd, room, EVENTS], { expect: 'any' });
  p.syscall('fcntl', [fd, F_SETFL, flags & SETFL_MASK]);
}

export const inotifyRestore: FileRestore<'ify'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { id, flags, fown, wd, events_lost: lost } = entry.ify;
    if (lost) plan.take('files', ctx.openSlot(`inotify ${id}`, overflowed), temp(id));
    const p = plan.program('files');
    if (!lost) moveTo(p, p.syscall('inotify_init1', [0], { label: `inotify ${id}` }), temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
    for (const watch of [...wd].sort((a, b) => a.wd - b.wd)) {
      const target = openTarget(ctx, plan, watch);
      const mask = (watch.mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT)) >>> 0;
      const label = `watch ${watch.wd} of inotify ${id}`;
      if (callerSets(ctx)) {
        // The task may have been given a watch of a file that it may not read.
        plan.asCaller('fixup', temp(id), label, (local, { hostPid }) => {
          sys('ioctl', local, INOTIFY_IOC_SETNEXTWD, watch.wd);
          sys('inotify_add_watch', local, cstring(`/proc/${hostPid}/fd/${target}`), mask);
        });
        continue;
      }
      const q = plan.program('fixup');
      q.syscall('ioctl', [temp(id), INOTIFY_IOC_SETNEXTWD, watch.wd], {
        label: `next is watch ${watch.wd}`,
      });
      q.syscall('inotify_add_watch', [temp(id), q.cstring(`/proc/self/fd/${target}`), mask], {
        expect: watch.wd,
        label,
      });
    }
  },
  fixup({ plan, temp, finalFds }, [entry]) {
    const { id, flags, events_lost: lost } = entry.ify;
    // The overflow event must stay in the queue; further events of ours do no harm beside it.
    if (lost) return;
    const [fd] = finalFds(id);
    // The descriptor of an instance in flight is closed with the temporaries.
    if (fd === undefined) dropEvents(plan.program('process'), temp(id), flags);
    else dropEvents(plan.program('credentials'), fd, flags);
  },
};
