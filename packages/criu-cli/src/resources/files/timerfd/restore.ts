// timerfd_create(2): armed with the remaining time, as late as possible.

import { type Agent, Program } from '@criu/compel';
import { sys } from '@criu/native';
import {
  CLOCK_REALTIME,
  F_SETFL,
  TFD_CLOEXEC,
  TFD_IOC_SET_TICKS,
  TFD_TIMER_ABSTIME,
  timespec,
} from '@criu/native/uapi';
import type { PhaseName, PlanContext } from '../../../engine/plan.js';
import type { FileOf } from '../../../images/types.js';
import { NSEC_PER_SEC } from '../../../nanoseconds.js';
import { callerSets } from '../../../views/planned-users.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { readableClock, wakesMachine } from './numbers.js';

type Timer = FileOf<'tfd'>['tfd'];

export const timerfdRestore: FileRestore<'tfd'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { id, clockid, flags, fown } = entry.tfd;
    const label = `timerfd ${id}`;
    if (byCaller(ctx, clockid))
      plan.take(
        'files',
        ctx.openSlot(label, () => sys('timerfd_create', clockid, TFD_CLOEXEC)),
        temp(id),
      );
    const p = plan.program('files');
    if (!byCaller(ctx, clockid)) moveTo(p, p.syscall('timerfd_create', [clockid, 0], { label }), temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  },
  fixup({ ctx, plan, temp, finalFds }, [{ tfd }]) {
    const { id, ticks, settime_flags: flags, vsec, vnsec, isec, insec } = tfd;
    if (!vsec && !vnsec && !isec && !insec && !ticks && !flags) return;
    const [phase, fd] = place(tfd.clockid, finalFds(id)[0], () => temp(id));
    const title = `arm timerfd ${id}`;
    if (byCaller(ctx, tfd.clockid)) {
      plan.asCaller(phase, fd, title, (local) => armOwn(tfd, local));
      return;
    }
    plan.step(phase, {
      title,
      does: [`timerfd_settime(${fd})`],
      program: async ({ agent }) => {
        const clock = neededClock(tfd);
        return arm(tfd, fd, remaining(tfd, clock === undefined ? Buffer.alloc(0) : await ask(agent, clock)));
      },
    });
  },
};

/** Whether the restoring process makes and arms the timer: only the root of the host may, for a clock that wakes the machine. */
function byCaller(ctx: PlanContext, clock: number): boolean {
  return wakesMachine(clock) && callerSets(ctx);
}

/** The phase in which a timer is armed, and its descriptor. A timer in flight has no final descriptor. */
function place(clock: number, final: number | undefined, temp: () => number): [phase: PhaseName, fd: number] {
  if (final === undefined) return ['protect', temp()];
  return [wakesMachine(clock) ? 'signals' : 'timers', final];
}

/** The clock that has to be asked before the timer is armed; undefined if none. */
function neededClock({ clockid, settime_flags: flags, expires_at: expires }: Timer): number | undefined {
  const clock = readableClock(clockid);
  if (!(flags & TFD_TIMER_ABSTIME) || (expires !== undefined && clock === CLOCK_REALTIME)) return undefined;
  return clock;
}

/** A clock as the task sees it, as struct timespec. */
async function ask(agent: Agent, clock: number): Promise<Buffer> {
  const p = new Program('clock');
  const now = p.out(timespec.sizeof);
  p.syscall('clock_gettime', [clock, now]);
  return (await agent.run(p)).bytes(now);
}

/** The value for timerfd_settime(2). @param now struct timespec of the clock that is needed */
function remaining(timer: Timer, now: Buffer): readonly [seconds: bigint, nanoseconds: bigint] {
  let [sec, nsec] = [timer.vsec, timer.vnsec];
  // The timer has expired and restarts when it is read. Without ticks it is disarmed.
  if (!sec && !nsec && timer.ticks) [sec, nsec] = [timer.isec, timer.insec];
  if (!(timer.settime_flags & TFD_TIMER_ABSTIME) || (!sec && !nsec)) return [sec, nsec];
  if (neededClock(timer) === undefined) {
    const { expires_at: expires = 0n } = timer;
    return [expires / NSEC_PER_SEC, expires % NSEC_PER_SEC];
  }
  // The image has the remaining time; an absolute timer needs the moment at which it is over.
  nsec += now.readBigInt64LE(timespec.tv_nsec);
  return [sec + now.readBigInt64LE(timespec.tv_sec) + nsec / NSEC_PER_SEC, nsec % NSEC_PER_SEC];
}

/** Arms a timer of ours, by the clocks of the restoring process. @throws SysError */
function armOwn(timer: Timer, local: number): void {
  const clock = neededClock(timer);
  const now = Buffer.alloc(timespec.sizeof);
  if (clock !== undefined) sys('clock_gettime', clock, now);
  const [sec, nsec] = remaining(timer, now);
  const value = new BigInt64Array([timer.isec, timer.insec, sec, nsec]);
  sys('timerfd_settime', local, timer.settime_flags, value, null);
  if (timer.ticks) sys('ioctl', local, TFD_IOC_SET_TICKS, new BigUint64Array([timer.ticks]));
}

function arm(timer: Timer, fd: number, [sec, nsec]: readonly [bigint, bigint]): Program {
  const { id, ticks, settime_flags: flags, isec, insec } = timer;
  const p = new Program('timerfd');
  p.syscall('timerfd_settime', [fd, flags, p.u64(isec, insec, sec, nsec), null], {
    label: `arm timerfd ${id}`,
  });
  if (ticks) p.syscall('ioctl', [fd, TFD_IOC_SET_TICKS, p.u64(ticks)], { label: `ticks of timerfd ${id}` });
  return p;
}
