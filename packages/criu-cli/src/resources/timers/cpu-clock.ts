// Clock ids that stand for the CPU time of a process or thread (posix-timers_types.h of the kernel, which no header for programs repeats): ~pid << 3, four for
// that of a thread, and which time is counted.
const PER_THREAD = 4;
const WHICH = 3;

/** Kinds of time of a CPU clock; `scheduled` is exact, the others count ticks. */
export const CPU_TIME = { all: 0, user: 1, scheduled: 2 } as const;

export interface CpuClock {
  /** Pid or tid in the task's own namespace; 0 is the process or thread that has created the timer. */
  readonly pid: number;
  readonly perThread: boolean;
  readonly which: number;
}

/** Decodes a clock id; undefined for other clocks. Images have ids in two's complement. */
export function cpuClock(clockId: number): CpuClock | undefined {
  const id = clockId | 0;
  if (id >= 0 || (id & WHICH) > CPU_TIME.scheduled) return undefined;
  return { pid: ~(id >> 3), perThread: (id & PER_THREAD) !== 0, which: id & WHICH };
}

/** Encodes the id of a CPU clock, as a signed number. */
export function cpuClockId({ pid, perThread, which }: CpuClock): number {
  return (~pid << 3) | (perThread ? PER_THREAD : 0) | which;
}
