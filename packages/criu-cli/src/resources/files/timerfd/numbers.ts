// Numbers of timerfd(2) that both dump and restore need.
export const TFD_TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;
/** Bytes of struct itimerspec. */
export const ITIMERSPEC = 32;

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const CLOCK_REALTIME_ALARM = 8;
const CLOCK_BOOTTIME_ALARM = 9;

/** Whether a timer of the clock wakes the machine, for which CAP_WAKE_ALARM is needed. */
export function wakesMachine(clock: number): boolean {
  return clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;
}

/** The clock that tells the same time; those that wake the machine cannot be read where there is nothing to wake it by. */
export function readableClock(clock: number): number {
  if (clock === CLOCK_REALTIME_ALARM) return CLOCK_REALTIME;
  return clock === CLOCK_BOOTTIME_ALARM ? CLOCK_BOOTTIME : clock;
}
