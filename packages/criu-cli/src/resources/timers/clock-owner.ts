// Finds the owner of timers on "the CPU time of the creating thread", which the kernel does not show: while one thread
// runs, the remaining time decreases only for its own timers.
import { type DataRef, Mark, type Program, type ProgramResult, type StepRef } from '@criu/compel';
import { itimerspec, timespec } from '@criu/native/uapi';
import type { PosixTimer } from '../../proc/index.js';

/** Remaining time that timer_gettime(2) reports for an expired timer whose tick has not been handled yet. */
const EXPIRED_NS = 1;
const SOON_NS = 50_000_000;
/** CPU seconds; no thread uses that much before the timer is disarmed again. */
const FAR = 1_000_000_000;

/** The result of a look: the executing thread owns the clock, another one does, or the owner has ended. */
export type Finding = 'own' | 'other' | 'gone';

/** Steps with which a thread finds out whether a timer counts its CPU time. */
export function planClockLook(p: Program, { id }: PosixTimer): (result: ProgramResult) => Finding {
  const label = `timer ${id}`;
  const before = p.out(itimerspec.sizeof);
  const after = p.out(itimerspec.sizeof);
  const look = (area: DataRef) => p.syscall('timer_gettime', [id, area], { label });
  const set = (spec: DataRef) => p.syscall('timer_settime', [id, 0, spec, null], { expect: 'any' });
  look(before);
  const left = p.addOf(
    p.load64(p.at(before, itimerspec.it_value + timespec.tv_sec)),
    p.load64(p.at(before, itimerspec.it_value + timespec.tv_nsec)),
  );
  // A disarmed or expired timer does not change; it is armed for a moment and then set back.
  const soon = sameInterval(p, before, SOON_NS);
  const expired = sameInterval(p, before, EXPIRED_NS);
  const armed = onlyIf(p, left, 0, () => set(p.u64(0, 0, FAR, 0)));
  onlyIf(p, left, EXPIRED_NS, () => set(soon));
  look(before);
  // Several calls, so that some CPU time passes.
  for (let i = 0; i < 3; i++) look(after);
  onlyIf(p, left, 0, () => set(p.u64(0, 0, 0, 0)));
  onlyIf(p, left, EXPIRED_NS, () => set(expired));
  return (r) => {
    if (!r.bytes(before).equals(r.bytes(after))) return 'own';
    return r.big(left) === 0n && r.value(armed) < 0 ? 'gone' : 'other';
  };
}

/** A struct itimerspec with the interval of another one, that expires in some nanoseconds. */
function sameInterval(p: Program, other: DataRef, nanoseconds: number): DataRef {
  const spec = p.u64(0, 0, 0, nanoseconds);
  p.copy(spec, other, timespec.sizeof);
  return spec;
}

/** A step that is executed only if an earlier one has returned `value`. */
function onlyIf(p: Program, earlier: StepRef, value: number, add: () => StepRef): StepRef {
  const other = new Mark();
  p.addOf(earlier, 0, { expect: value, orGoTo: other });
  const added = add();
  p.here(other);
  return added;
}
