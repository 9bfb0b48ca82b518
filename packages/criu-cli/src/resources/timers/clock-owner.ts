// Timers of "the CPU time of the thread that makes them": which thread that is the kernel tells nobody. While one thread
// runs, the time that is left changes for its own timers alone.
import { type DataRef, Mark, type Program, type ProgramResult, type StepRef } from '@criu/compel';
import type { PosixTimer } from '../../proc/index.js';

/** struct itimerspec: interval, then value. */
const ITIMERSPEC = { size: 32, value: 16, valueNanoseconds: 24 } as const;
/** What timer_gettime(2) says of a timer whose time is up while the tick that tells it has not come. */
const EXPIRED_NS = 1;
const SOON_NS = 50_000_000;
/** CPU seconds that no thread gets through before the timer is disarmed again. */
const FAR = 1_000_000_000;

/** What became of a look: whether the thread that ran it owns the clock, or nobody does any more. */
export type Finding = 'own' | 'other' | 'gone';

/** Steps of one thread that find out whether a timer counts its time. */
export function planClockLook(p: Program, { id }: PosixTimer): (result: ProgramResult) => Finding {
  const label = `timer ${id}`;
  const before = p.out(ITIMERSPEC.size);
  const after = p.out(ITIMERSPEC.size);
  const look = (area: DataRef) => p.syscall('timer_gettime', [id, area], { label });
  const set = (spec: DataRef) => p.syscall('timer_settime', [id, 0, spec, null], { expect: 'any' });
  look(before);
  const left = p.addOf(
    p.load64(p.at(before, ITIMERSPEC.value)),
    p.load64(p.at(before, ITIMERSPEC.valueNanoseconds)),
  );
  // Where nothing is left, nothing changes: such a timer is set to something for a moment, and back to what it was.
  const soon = sameInterval(p, before, SOON_NS);
  const expired = sameInterval(p, before, EXPIRED_NS);
  const armed = onlyIf(p, left, 0, () => set(p.u64(0, 0, FAR, 0)));
  onlyIf(p, left, EXPIRED_NS, () => set(soon));
  look(before);
  // Several, so that there is some time between.
  for (let i = 0; i < 3; i++) look(after);
  onlyIf(p, left, 0, () => set(p.u64(0, 0, 0, 0)));
  onlyIf(p, left, EXPIRED_NS, () => set(expired));
  return (r) => {
    if (!r.bytes(before).equals(r.bytes(after))) return 'own';
    return r.big(left) === 0n && r.value(armed) < 0 ? 'gone' : 'other';
  };
}

/** A struct itimerspec with the interval of another one, to expire in some nanoseconds. */
function sameInterval(p: Program, other: DataRef, nanoseconds: number): DataRef {
  const spec = p.u64(0, 0, 0, nanoseconds);
  p.copy(spec, other, ITIMERSPEC.value);
  return spec;
}

/** A step that is passed over unless an earlier one gave a certain value. */
function onlyIf(p: Program, earlier: StepRef, value: number, add: () => StepRef): StepRef {
  const other = new Mark();
  p.addOf(earlier, 0, { expect: value, orGoTo: other });
  const added = add();
  p.here(other);
  return added;
}
