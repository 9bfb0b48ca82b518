// Interval timers and POSIX timers, armed with the time that was left.

import { release } from 'node:os';
import { type Operand, Program } from '@criu/compel';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { endShortLived, startShortLived } from '../../engine/short-lived.js';
import type { ItimerEntry, PosixTimerEntry } from '../../images/types.js';
import { CPU_TIME, cpuClockId } from './cpu-clock.js';

/** Since Linux 6.15 timer_create() takes the id from where it would put it. */
const PR_TIMER_CREATE_RESTORE_IDS = 77;
const ITIMER_REAL = 0;
const SIGEV_THREAD_ID = 4;
const SIGEVENT_SIZE = 64;

function kernelAtLeast(major: number, minor: number): boolean {
  const [a = 0, b = 0] = release().split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

export const timersRestore: RestorePart = {
  plan(ctx: PlanContext): void {
    for (const plan of ctx.tasks) {
      const timers = plan.task.core.tc?.timers;
      if (!timers) continue;
      const p = plan.program('timers');
      for (const [which, t] of [timers.real, timers.virt, timers.prof].entries()) interval(p, which, t);
      posix(plan, timers.posix);
    }
  },
};

function interval(p: Program, which: number, t: ItimerEntry): void {
  if (!t.isec && !t.iusec && !t.vsec && !t.vusec) return;
  let [sec, usec] = [t.vsec, t.vusec];
  // It has expired, and the kernel starts its next round when SIGALRM, which is pending, is taken.
  if (which === ITIMER_REAL && !sec && !usec) [sec, usec] = [t.isec, t.iusec];
  p.syscall('setitimer', [which, p.u64(t.isec, t.iusec, sec, usec), null], {
    label: `interval timer ${which}`,
  });
}

function posix(plan: TaskPlan, timers: readonly PosixTimerEntry[]): void {
  if (timers.length === 0) return;
  const choose = kernelAtLeast(6, 15);
  if (choose) plan.program('timers').syscall('prctl', [PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0]);
  let next = 0;
  for (const t of [...timers].sort((a, b) => a.it_id - b.it_id)) {
    const p = plan.program('timers');
    if (!choose) {
      // Ids are given in sequence: the ones between are made and deleted.
      for (; next < t.it_id; next++) {
        p.syscall('timer_create', [t.clock_id, null, p.i32(0)]);
        p.syscall('timer_delete', [next]);
      }
      next = t.it_id + 1;
    }
    if (t.clock_gone) gone(plan, t);
    else {
      create(p, t.clock_id | 0, t);
      arm(p, t);
    }
  }
  if (choose) plan.program('timers').syscall('prctl', [PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0]);
}

function create(p: Program, clock: Operand, t: PosixTimerEntry): void {
  const event = Buffer.alloc(SIGEVENT_SIZE);
  event.writeBigUInt64LE(t.sival_ptr, 0);
  event.writeInt32LE(t.si_signo, 8);
  event.writeInt32LE(t.it_sigev_notify, 12);
  if (t.it_sigev_notify & SIGEV_THREAD_ID) event.writeInt32LE(t.notify_thread_id ?? 0, 16);
  p.syscall('timer_create', [clock, p.data(event), p.i32(t.it_id)], { label: `timer ${t.it_id}` });
}

function arm(p: Program, t: PosixTimerEntry): void {
  // One that is not armed has no period: this one was just about to expire.
  const expired = !t.vsec && !t.vnsec;
  const [sec, nsec] = expired ? [t.isec, t.insec] : [t.vsec, t.vnsec];
  p.syscall('timer_settime', [t.it_id, 0, p.u64(t.isec, t.insec, sec, nsec), null], {
    label: `timer ${t.it_id}`,
  });
}

/** A timer of the CPU time of somebody who has ended: of a process that lives only so long. */
function gone(plan: TaskPlan, t: PosixTimerEntry): void {
  plan.step('timers', {
    title: `timer ${t.it_id}, whose clock is gone`,
    program: async ({ agent }) => {
      const start = new Program('a clock');
      const made = startShortLived(start);
      const pid = (await agent.run(start)).value(made);
      const p = new Program(`timer ${t.it_id}`);
      create(p, cpuClockId({ pid, perThread: false, which: CPU_TIME.scheduled }), t);
      endShortLived(p, pid);
      return p;
    },
  });
}
