import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';

const NSEC = 1_000_000_000n;

export const timerfdDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'timerfd',
  dump(_ctx, _task, file, id) {
    const { timerfd: timer } = file.info;
    if (!timer) throw new CriuError('INTERNAL', 'fdinfo has no timer', { pid: file.pid, fd: file.fd });
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
