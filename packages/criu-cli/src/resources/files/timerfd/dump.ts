import { sys } from '@criu/native';
import { TFD_TIMER_CANCEL_ON_SET } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { readFdInfo } from '../../../proc/index.js';
import type { FileDump } from '../kind.js';
import type { OpenFile } from '../open-file.js';
import { ITIMERSPEC } from './numbers.js';

const NSEC = 1_000_000_000n;

/**
 * A periodic timer that has expired stands still until somebody asks for it, and says that nothing is left.
 * timerfd_gettime(2) counts what has expired, starts the next period where it belongs, and takes nothing away. A
 * timer that says so a second time is not armed, or is faster than we are.
 */
function settled({ pid, fd, local, info: { timerfd } }: OpenFile, rehearsing: boolean) {
  if (timerfd?.value !== 0n || rehearsing) return timerfd;
  sys('timerfd_gettime', local, Buffer.alloc(ITIMERSPEC));
  const timer = readFdInfo(pid, fd).timerfd;
  // Its period is over before anybody can look. In an image a timer with nothing left would be one that is not armed.
  return timer?.value === 0n && timer.ticks ? { ...timer, value: timer.interval } : timer;
}

export const timerfdDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'timerfd',
  dump({ rehearsing }, _task, file, id) {
    const timer = settled(file, rehearsing);
    if (!timer) throw new CriuError('INTERNAL', 'fdinfo has no timer', { pid: file.pid, fd: file.fd });
    // One that fires once and is still to fire has expired for another reason.
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
