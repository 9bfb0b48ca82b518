// The clocks that time namespaces shift, and what they say without any shift.
import { sysRaw } from '@criu/native';
import { type ClockOffset, readTimensOffsets, type TimensOffsets } from '../../../proc/index.js';

/** By name in the image and in /proc/PID/timens_offsets: the clock's number. */
export const CLOCKS = { monotonic: 1, boottime: 7 } as const;
export type ClockName = keyof typeof CLOCKS;

export const NSEC = 1_000_000_000n;
export const NO_OFFSETS: TimensOffsets = {
  monotonic: { sec: 0n, nsec: 0 },
  boottime: { sec: 0n, nsec: 0 },
};

export function nanoseconds({ sec, nsec }: ClockOffset): bigint {
  return sec * NSEC + BigInt(nsec);
}

/** What a clock of the machine says, in nanoseconds, whatever time namespace this process is in. */
export function machineClock(name: ClockName): bigint {
  const own = readTimensOffsets(process.pid) ?? NO_OFFSETS;
  const time = new BigInt64Array(2);
  sysRaw('clock_gettime', CLOCKS[name], time);
  return time[0]! * NSEC + time[1]! - nanoseconds(own[name]);
}
