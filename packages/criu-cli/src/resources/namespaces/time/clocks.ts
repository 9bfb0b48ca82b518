// The clocks that time namespaces shift, and their readings without shift.
import { sysRaw } from '@criu/native';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, timespec } from '@criu/native/uapi';
import { NSEC_PER_SEC } from '../../../nanoseconds.js';
import { type ClockOffset, readTimensOffsets, type TimensOffsets } from '../../../proc/index.js';

/** Clock ids by name, as in images and in /proc/PID/timens_offsets. */
export const CLOCKS = { monotonic: CLOCK_MONOTONIC, boottime: CLOCK_BOOTTIME } as const;
export type ClockName = keyof typeof CLOCKS;

export const NO_OFFSETS: TimensOffsets = {
  monotonic: { sec: 0n, nsec: 0 },
  boottime: { sec: 0n, nsec: 0 },
};

export function nanoseconds({ sec, nsec }: ClockOffset): bigint {
  return sec * NSEC_PER_SEC + BigInt(nsec);
}

/** Nanoseconds; readings within this interval count as simultaneous. */
const SAME_MOMENT = 20_000n;
const TRIES = 50;

/**
 * The clocks of the machine at one moment, in nanoseconds, independent of this process's time namespace. If the process
 * was preempted between two readings, the clocks would drift apart, so they are read again.
 */
export function machineClocks(): Record<ClockName, bigint> {
  const own = readTimensOffsets(process.pid) ?? NO_OFFSETS;
  const read = (name: ClockName): bigint => {
    const time = Buffer.alloc(timespec.sizeof);
    sysRaw('clock_gettime', CLOCKS[name], time);
    const seconds = time.readBigInt64LE(timespec.tv_sec);
    return seconds * NSEC_PER_SEC + time.readBigInt64LE(timespec.tv_nsec) - nanoseconds(own[name]);
  };
  let best = { monotonic: 0n, boottime: 0n };
  let apart: bigint | undefined;
  for (let i = 0; i < TRIES && (apart === undefined || apart > SAME_MOMENT); i++) {
    const monotonic = read('monotonic');
    const boottime = read('boottime');
    const took = read('monotonic') - monotonic;
    if (apart !== undefined && took >= apart) continue;
    apart = took;
    best = { monotonic, boottime };
  }
  return best;
}
