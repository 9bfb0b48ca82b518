// Converts clocks of POSIX timers for images, such that one thread can create all timers of the process.
import type { PosixTimerEntry } from '@criu/images';
import { CLOCK_MONOTONIC, SIGEV_NONE } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import { CriuError } from '../../errors.js';
import { type PosixTimer, ProcError, readStatus } from '../../proc/index.js';
import { ownsNamespace } from '../../views/namespaces.js';
import { CPU_TIME, type CpuClock, cpuClock, cpuClockId } from './cpu-clock.js';

/** By timer id: the thread whose CPU time the timer counts. `unknown`: no thread of the process was found to be it. */
export type ClockOwners = Map<number, number | 'gone' | 'unknown'>;

/** Whether the timer counts the CPU time of the thread that has created it, whichever that is. */
export function isUnnamedThread({ clockId }: PosixTimer): boolean {
  const clock = cpuClock(clockId);
  return clock?.pid === 0 && clock.perThread && clock.which === CPU_TIME.scheduled;
}

type ClockFields = Pick<PosixTimerEntry, 'clock_id'> & Partial<PosixTimerEntry>;

/** A timer whose clock is gone never expires; so it is stored as one on an existing clock that never notifies. */
const GONE: ClockFields = {
  clock_id: CLOCK_MONOTONIC,
  it_sigev_notify: SIGEV_NONE,
  isec: 0n,
  insec: 0n,
  vsec: 0n,
  vnsec: 0n,
  clock_gone: true,
};

/** Images store clock ids unsigned. */
function inImage(clockId: number): ClockFields {
  return { clock_id: clockId >>> 0 };
}

/** The fields of an entry that depend on the clock. @throws CriuError */
export function clockOf(
  ctx: DumpContext,
  task: LiveTask,
  timer: PosixTimer,
  owners: ClockOwners,
): ClockFields {
  const clock = cpuClock(timer.clockId);
  if (!clock) return inImage(timer.clockId);
  if (!clock.perThread) return processClock(ctx, task, timer, clock);
  if (clock.pid !== 0)
    return task.tids.some((tid) => task.nsTid(tid) === clock.pid) ? inImage(timer.clockId) : GONE;
  const owner = owners.get(timer.id);
  if (typeof owner === 'number') {
    // The leader will create the timers, so its own clock needs no pid.
    if (owner === task.pid) return inImage(timer.clockId);
    return inImage(cpuClockId({ ...clock, pid: task.nsTid(owner) }));
  }
  if (owner !== undefined) return GONE;
  if (task.tids.length === 1) return inImage(timer.clockId);
  throw new CriuError(
    clock.which === CPU_TIME.scheduled ? 'NOT_DUMPABLE' : 'UNSUPPORTED',
    `nobody can tell which thread's CPU time timer ${timer.id} counts${clock.which === CPU_TIME.scheduled ? ' while its signal is pending' : ''}`,
    { pid: task.pid },
    clock.which === CPU_TIME.scheduled
      ? 'dump it when the signal has been taken'
      : 'use a clock that names the thread (pthread_getcpuclockid)',
  );
}

function processClock(ctx: DumpContext, task: LiveTask, timer: PosixTimer, { pid }: CpuClock): ClockFields {
  if (pid === 0 || ctx.tasks.some((other) => other.nsPid === pid)) return inImage(timer.clockId);
  if (!ownsNamespace(ctx, 'pid') && exists(pid))
    throw new CriuError(
      'UNSUPPORTED',
      `timer ${timer.id} counts the CPU time of process ${pid}, which is not dumped with it`,
      { pid: task.pid },
      'dump a task that both descend from',
    );
  return GONE;
}

function exists(pid: number): boolean {
  try {
    readStatus(pid);
    return true;
  } catch (error) {
    if (error instanceof ProcError && (error.code === 'PROC_GONE' || error.code === 'PROC_MISSING'))
      return false;
    throw error;
  }
}
