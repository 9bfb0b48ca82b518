// Interval timers and POSIX timers, armed with the time that was left.
import { release } from 'node:os';
import type { Program } from '@criu/compel';
import type { PlanContext, RestoreModule } from '../../engine/plan.js';
import type { ItimerEntry, PosixTimerEntry } from '../../images/types.js';

/** Since Linux 6.15 timer_create() takes the id from where it would put it. */
const PR_TIMER_CREATE_RESTORE_IDS = 77;
const SIGEV_THREAD_ID = 4;
const SIGEVENT_SIZE = 64;

function kernelAtLeast(major: number, minor: number): boolean {
  const [a = 0, b = 0] = release().split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

export class TimersRestore implements RestoreModule {
  readonly name = 'timers';

  plan(ctx: PlanContext): void {
    for (const plan of ctx.tasks) {
      const timers = plan.task.core.tc?.timers;
      if (!timers) continue;
      const p = plan.program('timers');
      for (const [which, t] of [timers.real, timers.virt, timers.prof].entries()) interval(p, which, t);
      posix(p, timers.posix);
    }
  }
}

function interval(p: Program, which: number, t: ItimerEntry): void {
  if (!t.isec && !t.iusec && !t.vsec && !t.vusec) return;
  p.syscall('setitimer', [which, p.u64(t.isec, t.iusec, t.vsec, t.vusec), null], {
    label: `interval timer ${which}`,
  });
}

function posix(p: Program, timers: readonly PosixTimerEntry[]): void {
  if (timers.length === 0) return;
  const choose = kernelAtLeast(6, 15);
  if (choose) p.syscall('prctl', [PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0]);
  let next = 0;
  for (const t of [...timers].sort((a, b) => a.it_id - b.it_id)) {
    if (!choose) {
      // Ids are given in sequence: the ones between are made and deleted.
      for (; next < t.it_id; next++) {
        p.syscall('timer_create', [t.clock_id, null, p.i32(0)]);
        p.syscall('timer_delete', [next]);
      }
      next = t.it_id + 1;
    }
    const event = Buffer.alloc(SIGEVENT_SIZE);
    event.writeBigUInt64LE(t.sival_ptr, 0);
    event.writeInt32LE(t.si_signo, 8);
    event.writeInt32LE(t.it_sigev_notify, 12);
    if (t.it_sigev_notify & SIGEV_THREAD_ID) event.writeInt32LE(t.notify_thread_id ?? 0, 16);
    const id = p.i32(t.it_id);
    p.syscall('timer_create', [t.clock_id, p.data(event), id], { label: `timer ${t.it_id}` });
    p.syscall('timer_settime', [t.it_id, 0, p.u64(t.isec, t.insec, t.vsec, t.vnsec), null], {
      label: `timer ${t.it_id}`,
    });
  }
  if (choose) p.syscall('prctl', [PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0]);
}
