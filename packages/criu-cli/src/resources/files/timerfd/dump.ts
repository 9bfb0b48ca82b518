import { sys } from '@criu/native';
import {
  CLOCK_REALTIME,
  itimerspec,
  TFD_TIMER_ABSTIME,
  TFD_TIMER_CANCEL_ON_SET,
  timespec,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { NSEC_PER_SEC } from '../../../nanoseconds.js';
import { readFdInfo } from '../../../proc/index.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { readableClock } from './numbers.js';

/**
 * An expired periodic timer is not restarted before it is queried, and shows no remaining time. timerfd_gettime(2)
 * counts the expirations and starts the next period, without consuming anything. A timer that still shows no remaining
 * time is disarmed, or faster than the dump.
 */
function settled({ pid, fd, local }: OpenFile) {
  sys('timerfd_gettime', local, Buffer.alloc(itimerspec.sizeof));
  const timer = readFdInfo(pid, fd).timerfd;
  // Its period is shorter than the dump takes. In images, no remaining time would mean a disarmed timer.
  return timer?.value === 0n && timer.ticks ? { ...timer, value: timer.interval } : timer;
}

function nanoseconds(time: Buffer, at = 0): bigint {
  return (
    time.readBigInt64LE(at + timespec.tv_sec) * NSEC_PER_SEC + time.readBigInt64LE(at + timespec.tv_nsec)
  );
}

/**
 * When an armed timer with an absolute time of day expires next: it expires then whenever it is restored, as calls that
 * wait for such a time return then. Undefined for other timers, whose clocks stand still meanwhile.
 */
function expiry({ local }: OpenFile, timer: { clockId: number; settimeFlags: number; value: bigint }) {
  const absolute = (timer.settimeFlags & TFD_TIMER_ABSTIME) !== 0 && timer.value !== 0n;
  if (!absolute || readableClock(timer.clockId) !== CLOCK_REALTIME) return undefined;
  const [left, now] = [Buffer.alloc(itimerspec.sizeof), Buffer.alloc(timespec.sizeof)];
  sys('timerfd_gettime', local, left);
  sys('clock_gettime', CLOCK_REALTIME, now);
  return nanoseconds(left, itimerspec.it_value) + nanoseconds(now);
}

export const timerfdDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'timerfd',
  dump(ctx, _task, file, id) {
    const { timerfd } = file.info;
    const timer = timerfd?.value === 0n ? ctx.ifStopped(() => settled(file), timerfd) : timerfd;
    if (!timer) throw new CriuError('INTERNAL', 'fdinfo has no timer', { pid: file.pid, fd: file.fd });
    // A one-shot timer that has not fired, yet has ticks, was cancelled by setting the clock.
    if (timer.settimeFlags & TFD_TIMER_CANCEL_ON_SET && timer.ticks && timer.value && !timer.interval)
      throw new CriuError(
        'NOT_DUMPABLE',
        'the clock was set, which the program has not read from its timer yet (ECANCELED)',
        { pid: file.pid, fd: file.fd },
        'dump it when it has',
      );
    const expires = expiry(file, timer);
    return {
      tfd: {
        id,
        flags: file.flags,
        fown: file.fown,
        clockid: timer.clockId,
        ticks: timer.ticks,
        settime_flags: timer.settimeFlags,
        vsec: timer.value / NSEC_PER_SEC,
        vnsec: timer.value % NSEC_PER_SEC,
        isec: timer.interval / NSEC_PER_SEC,
        insec: timer.interval % NSEC_PER_SEC,
        ...(expires === undefined ? {} : { expires_at: expires }),
      },
    };
  },
};
