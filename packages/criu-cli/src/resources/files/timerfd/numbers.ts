// Constants of timerfd_create(2) for dump and restore.
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
} from '@criu/native/uapi';

/** Whether a timer of the clock wakes the machine, which needs CAP_WAKE_ALARM. */
export function wakesMachine(clock: number): boolean {
  return clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;
}

/** The clock with the same time that can be read; alarm clocks cannot be read on machines without an RTC. */
export function readableClock(clock: number): number {
  if (clock === CLOCK_REALTIME_ALARM) return CLOCK_REALTIME;
  return clock === CLOCK_BOOTTIME_ALARM ? CLOCK_BOOTTIME : clock;
}
