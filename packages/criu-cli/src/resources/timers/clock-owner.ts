// Timers of "the CPU time of the thread that makes them": which thread that is the kernel tells nobody. While one thread
// runs, the time that is left changes for its own timers alone.
import type { Program, ProgramResult } from '@criu/compel';
import type { PosixTimer } from '../../proc/index.js';

/** struct itimerspec. */
const ITIMERSPEC = 32;
const VALUE_SECONDS = 16;
const VALUE_NANOSECONDS = 24;
/** CPU seconds that no thread gets through before the timer is disarmed again. */
const FAR = 1_000_000_000;

/** What became of a look: whether the thread that ran it owns the clock, or nobody does any more. */
export type Finding = 'own' | 'other' | 'gone';

/** Steps of one thread that find out whether a timer counts its time. */
export function planClockLook(p: Program, timer: PosixTimer): (result: ProgramResult) => Finding {
  const { id } = timer;
  const before = p.out(ITIMERSPEC);
  const after = p.out(ITIMERSPEC);
  const label = `timer ${id}`;
  p.syscall('timer_gettime', [id, before], { label });
  const seconds = p.load64(p.at(before, VALUE_SECONDS));
  const nanoseconds = p.load64(p.at(before, VALUE_NANOSECONDS));
  // A timer that is not running says nothing: it is armed for a moment, and disarmed again.
  const left = p.addOf(seconds, nanoseconds, { expect: 0, skip: 3 });
  const armed = p.syscall('timer_settime', [id, 0, p.u64(0, 0, FAR, 0), null], { expect: 'any' });
  p.syscall('timer_gettime', [id, before], { label });
  // Several, so that there is some time between.
  for (let i = 0; i < 3; i++) p.syscall('timer_gettime', [id, after], { label });
  p.addOf(left, 0, { expect: 0, skip: 2 });
  p.syscall('timer_settime', [id, 0, p.u64(0, 0, 0, 0), null], { expect: 'any' });
  return (r) => {
    if (!r.bytes(before).equals(r.bytes(after))) return 'own';
    return r.big(left) === 0n && r.value(armed) < 0 ? 'gone' : 'other';
  };
}
