// timerfd(2): armed with the time that was left, last of all, so that little is lost.
import { Program } from '@criu/compel';
import { CriuError } from '../../../errors.js';
import { F_SETFL, moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

const TFD_TIMER_ABSTIME = 1;
/** _IOW('T', 0, __u64): expirations not read yet. */
const TFD_IOC_SET_TICKS = 0x40085400;

export const timerfdRestore: FileRestore<'tfd'> = {
  make({ plan, temp }, [entry]) {
    const { id, clockid, flags, fown } = entry.tfd;
    const p = plan.program('files');
    const fd = p.syscall('timerfd_create', [clockid, 0], { label: `timerfd ${id}` });
    moveTo(p, fd, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  },
  fixup({ plan, finalFds }, [entry]) {
    const { id, clockid, ticks, settime_flags, vsec, vnsec, isec, insec } = entry.tfd;
    const fd = finalFds(id)[0];
    if (!vsec && !vnsec && !ticks) return;
    if (fd === undefined)
      throw new CriuError('UNSUPPORTED', `timerfd ${id} is armed and in flight`, { file: 'files.img' });
    plan.step('timers', {
      title: `arm timerfd ${id}`,
      program: async ({ agent }) => {
        let [sec, nsec] = [vsec, vnsec];
        // The image has what was left; an absolute timer is told the moment when that is over.
        if (settime_flags & TFD_TIMER_ABSTIME && (sec || nsec)) {
          const ask = new Program('clock');
          const now = ask.out(16);
          ask.syscall('clock_gettime', [clockid, now]);
          const bytes = (await agent.run(ask)).bytes(now);
          nsec += bytes.readBigInt64LE(8);
          sec += bytes.readBigInt64LE(0) + nsec / 1_000_000_000n;
          nsec %= 1_000_000_000n;
        }
        const p = new Program('timerfd');
        p.syscall('timerfd_settime', [fd, settime_flags, p.u64(isec, insec, sec, nsec), null], {
          label: `arm timerfd ${id}`,
        });
        if (ticks) {
          p.syscall('ioctl', [fd, TFD_IOC_SET_TICKS, p.u64(ticks)], { label: `ticks of timerfd ${id}` });
        }
        return p;
      },
    });
  },
};
