import { sys } from '@criu/native';
import { itimerspec, TFD_TIMER_CANCEL_ON_SET } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { readFdInfo } from '../../../proc/index.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';

const NSEC = 1_000_000_000n;

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
    return {
      tfd: {
        id,
        flags: file.flags,
        fown: file.fown,
        clockid: timer.clockId,
        ticks: timer.ticks,
        settime_flags: timer.settimeFlags,
        vsec: timer.value / NSEC,
        vnsec: timer.value % NSEC,
        isec: timer.interval / NSEC,
        insec: timer.interval % NSEC,
      },
    };
  },
};
