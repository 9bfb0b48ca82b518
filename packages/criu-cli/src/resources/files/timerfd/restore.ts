// timerfd_create(2): armed with the remaining time, as late as possible.

import { type Agent, Program } from '@criu/compel';
import { CLOCK_REALTIME, F_SETFL, TFD_IOC_SET_TICKS, TFD_TIMER_ABSTIME, timespec } from '@criu/native/uapi';
import type { PhaseName } from '../../../engine/plan.js';
import type { FileOf } from '../../../images/types.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { readableClock, wakesMachine } from './numbers.js';

const NSEC = 1_000_000_000n;

type Timer = FileOf<'tfd'>['tfd'];

export const timerfdRestore: FileRestore<'tfd'> = {
  make({ plan, temp }, [entry]) {
    const { id, clockid, flags, fown } = entry.tfd;
    const p = plan.program('files');
    const fd = p.syscall('timerfd_create', [clockid, 0], { label: `timerfd ${id}` });
    moveTo(p, fd, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  },
  fixup({ plan, temp, finalFds }, [{ tfd }]) {
    const { id, ticks, settime_flags: flags, vsec, vnsec, isec, insec } = tfd;
    if (!vsec && !vnsec && !isec && !insec && !ticks && !flags) return;
    const [phase, fd] = place(tfd.clockid, finalFds(id)[0], () => temp(id));
    plan.step(phase, {
      title: `arm timerfd ${id}`,
      does: [`timerfd_settime(${fd})`],
      program: async ({ agent }) => arm(tfd, fd, await remaining(tfd, agent)),
    });
  },
};

/** The phase in which a timer is armed, and its descriptor. A timer in flight has no final descriptor. */
function place(clock: number, final: number | undefined, temp: () => number): [phase: PhaseName, fd: number] {
  if (final === undefined) return ['protect', temp()];
  return [wakesMachine(clock) ? 'signals' : 'timers', final];
}

/** The value for timerfd_settime(2). */
async function remaining(timer: Timer, agent: Agent): Promise<[seconds: bigint, nanoseconds: bigint]> {
  let [sec, nsec] = [timer.vsec, timer.vnsec];
  // The timer has expired and restarts when it is read. Without ticks it is disarmed.
  if (!sec && !nsec && timer.ticks) [sec, nsec] = [timer.isec, timer.insec];
  if (!(timer.settime_flags & TFD_TIMER_ABSTIME) || (!sec && !nsec)) return [sec, nsec];
  const { expires_at: expires } = timer;
  if (expires !== undefined && readableClock(timer.clockid) === CLOCK_REALTIME)
    return [expires / NSEC, expires % NSEC];
  // The image has the remaining time; an absolute timer needs the moment at which it is over.
  const ask = new Program('clock');
  const now = ask.out(timespec.sizeof);
  ask.syscall('clock_gettime', [readableClock(timer.clockid), now]);
  const bytes = (await agent.run(ask)).bytes(now);
  nsec += bytes.readBigInt64LE(timespec.tv_nsec);
  return [sec + bytes.readBigInt64LE(timespec.tv_sec) + nsec / NSEC, nsec % NSEC];
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
