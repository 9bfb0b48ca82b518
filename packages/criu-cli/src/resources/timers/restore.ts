// Restores interval timers and POSIX timers, armed with the time that was left.

import { type Operand, Program } from '@criu/compel';
import {
  CLOCK_MONOTONIC,
  ITIMER_REAL,
  PR_TIMER_CREATE_RESTORE_IDS,
  SIGEV_THREAD_ID,
  sigevent,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { endShortLived, startShortLived } from '../../engine/short-lived.js';
import { missing } from '../../features/index.js';
import type { ItimerEntry, PosixTimerEntry } from '../../images/types.js';
import { CPU_TIME, cpuClockId } from './cpu-clock.js';

/** Number of steps per program. */
const PASS_OVER_AT_ONCE = 1000;

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
  // The timer has expired, and the kernel restarts it when SIGALRM, which is pending, is delivered.
  if (which === ITIMER_REAL && !sec && !usec) [sec, usec] = [t.isec, t.iusec];
  p.syscall('setitimer', [which, p.u64(t.isec, t.iusec, sec, usec), null], {
    label: `interval timer ${which}`,
  });
}

function posix(plan: TaskPlan, timers: readonly PosixTimerEntry[]): void {
  if (timers.length === 0) return;
  const choosing = (on: 0 | 1) =>
    plan.program('timers').syscall('prctl', [PR_TIMER_CREATE_RESTORE_IDS, on, 0, 0, 0], {
      expect: 'any',
      label: 'timers get the ids that they ask for, if the kernel can',
    });
  choosing(1);
  let next = 0;
  for (const t of [...timers].sort((a, b) => a.it_id - b.it_id)) {
    if (next < t.it_id) passOver(plan, next, t.it_id);
    next = t.it_id + 1;
    if (t.clock_gone) gone(plan, t);
    else {
      const p = plan.program('timers');
      create(p, t.clock_id | 0, t);
      arm(p, t);
    }
  }
  choosing(0);
}

/** Without PR_TIMER_CREATE_RESTORE_IDS ids are sequential: timers with the ids in between are created and deleted. */
function passOver(plan: TaskPlan, from: number, to: number): void {
  plan.step('timers', {
    title: `timer ids ${from} to ${to - 1} are passed over, if the kernel gives ids in sequence only`,
    does: [`timer_create() and timer_delete(), ${to - from} times`],
    program: async ({ agent }) => {
      let p = new Program('timer ids');
      if ((await missing('timer_cr_ids')) === null) return p;
      for (let id = from; id < to; id++) {
        if (p.length >= PASS_OVER_AT_ONCE) {
          await agent.run(p);
          p = new Program('timer ids');
        }
        p.syscall('timer_create', [CLOCK_MONOTONIC, null, p.i32(id)]);
        p.syscall('timer_delete', [id]);
      }
      return p;
    },
  });
}

function create(p: Program, clock: Operand, t: PosixTimerEntry): void {
  const event = Buffer.alloc(sigevent.sizeof);
  event.writeBigUInt64LE(t.sival_ptr, sigevent.sigev_value);
  event.writeInt32LE(t.si_signo, sigevent.sigev_signo);
  event.writeInt32LE(t.it_sigev_notify, sigevent.sigev_notify);
  if (t.it_sigev_notify & SIGEV_THREAD_ID)
    event.writeInt32LE(t.notify_thread_id ?? 0, sigevent.sigev_notify_thread_id);
  p.syscall('timer_create', [clock, p.data(event), p.i32(t.it_id)], { label: `timer ${t.it_id}` });
}

function arm(p: Program, t: PosixTimerEntry): void {
  // A disarmed timer has no interval, so this one was just about to expire.
  const expired = !t.vsec && !t.vnsec;
  const [sec, nsec] = expired ? [t.isec, t.insec] : [t.vsec, t.vnsec];
  p.syscall('timer_settime', [t.it_id, 0, p.u64(t.isec, t.insec, sec, nsec), null], {
    label: `timer ${t.it_id}`,
  });
}

/** Creates a timer on the CPU time of a process that has ended: a process that lives only until the timer exists. */
function gone(plan: TaskPlan, t: PosixTimerEntry): void {
  plan.step('timers', {
    title: `timer ${t.it_id}, whose clock is gone`,
    does: ['clone3()', 'timer_create()', 'wait4()'],
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
