// Numbers of timerfd(2) that both dump and restore need.
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
} from '@criu/native/uapi';

/** Bytes of struct itimerspec. */
export const ITIMERSPEC = 32;

/** Whether a timer of the clock wakes the machine, for which CAP_WAKE_ALARM is needed. */
export function wakesMachine(clock: number): boolean {
  return clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;
}

/** The clock that tells the same time; those that wake the machine cannot be read where there is nothing to wake it by. */
export function readableClock(clock: number): number {
  if (clock === CLOCK_REALTIME_ALARM) return CLOCK_REALTIME;
  return clock === CLOCK_BOOTTIME_ALARM ? CLOCK_BOOTTIME : clock;
}
