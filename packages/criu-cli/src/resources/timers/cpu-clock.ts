// Clock ids that stand for the CPU time of a process or thread (posix-timers_types.h of the kernel): ~pid << 3, four for
// that of a thread, and which time is counted.
const PER_THREAD = 4;
const WHICH = 3;

/** Which time a CPU clock counts; `scheduled` is exact, the others go by ticks. */
export const CPU_TIME = { all: 0, user: 1, scheduled: 2 } as const;

export interface CpuClock {
  /** As the task itself knows it; 0 is the process or thread that made the timer. */
  readonly pid: number;
  readonly perThread: boolean;
  readonly which: number;
}

/** The CPU clock behind a clock id, undefined for every other clock. Images have ids in two's complement. */
export function cpuClock(clockId: number): CpuClock | undefined {
  const id = clockId | 0;
  if (id >= 0 || (id & WHICH) > CPU_TIME.scheduled) return undefined;
  return { pid: ~(id >> 3), perThread: (id & PER_THREAD) !== 0, which: id & WHICH };
}

/** The clock id of a CPU clock, as a signed number. */
export function cpuClockId({ pid, perThread, which }: CpuClock): number {
  return (~pid << 3) | (perThread ? PER_THREAD : 0) | which;
}
