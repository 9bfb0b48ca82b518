// Timers of a process, setitimer(2) and timer_create(2), with the time that is left until they expire.
import type { DataRef, Program, StepRef, TaskState } from '@criu/compel';
import type { ItimerEntry, PosixTimerEntry } from '@criu/images';
import {
  ITIMER_PROF,
  ITIMER_REAL,
  ITIMER_VIRTUAL,
  itimerspec,
  itimerval,
  SI_TIMER,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  siginfo_t,
  timespec,
  timeval,
} from '@criu/native/uapi';
import type { LiveTask } from '../../engine/dump-task.js';
import type { Answer, DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { type PosixTimer, readTimers } from '../../proc/index.js';
import { type ClockOwners, clockOf, isUnnamedThread } from './clock-dump.js';
import { type Finding, planClockLook } from './clock-owner.js';

/** How /proc/PID/timers calls ways to tell of an expiry. */
const NOTIFICATIONS = { signal: SIGEV_SIGNAL, none: SIGEV_NONE, thread: SIGEV_THREAD } as const;

interface Facts {
  readonly timers: readonly PosixTimer[];
  readonly owners: ClockOwners;
  interval: ItimerEntry[];
  /** For each timer, its struct itimerspec and overrun count. */
  posix: { readonly timer: PosixTimer; readonly spec: Buffer; readonly overrun: number }[];
}

function itimer(bytes: Buffer): ItimerEntry {
  return {
    isec: bytes.readBigInt64LE(itimerval.it_interval + timeval.tv_sec),
    iusec: bytes.readBigInt64LE(itimerval.it_interval + timeval.tv_usec),
    vsec: bytes.readBigInt64LE(itimerval.it_value + timeval.tv_sec),
    vusec: bytes.readBigInt64LE(itimerval.it_value + timeval.tv_usec),
  };
}

/** Whether a signal of the timer is pending; setting the timer would remove it. */
function hasSignal({ sharedPending, threads }: TaskState, { id }: PosixTimer): boolean {
  const ofTimer = (info: Buffer) =>
    info.readInt32LE(siginfo_t.si_code) === SI_TIMER && info.readInt32LE(siginfo_t.si_timerid) === id;
  return sharedPending.some(ofTimer) || threads.some(({ pending }) => pending.some(ofTimer));
}

/** The receiver of a timer's notifications. */
function notification(task: LiveTask, timer: PosixTimer): Partial<PosixTimerEntry> {
  if (!timer.perThread) return { it_sigev_notify: NOTIFICATIONS[timer.notify] };
  // The receiving thread has ended, so nothing is notified.
  if (!task.statuses.has(timer.target)) return { it_sigev_notify: SIGEV_NONE };
  return { it_sigev_notify: SIGEV_THREAD_ID, notify_thread_id: task.nsTid(timer.target) };
}

/** Reads the remaining time of all timers of the process. */
function askLeader(p: Program, facts: Facts): Answer {
  const intervals = [ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF].map((which) => {
    const area = p.out(itimerval.sizeof);
    p.syscall('getitimer', [which, area]);
    return area;
  });
  const asked: [PosixTimer, DataRef, StepRef][] = facts.timers.map((timer) => {
    const area = p.out(itimerspec.sizeof);
    p.syscall('timer_gettime', [timer.id, area], { label: `timer ${timer.id}` });
    return [timer, area, p.syscall('timer_getoverrun', [timer.id], { label: `timer ${timer.id}` })];
  });
  return (r) => {
    facts.interval = intervals.map((area) => itimer(r.bytes(area)));
    facts.posix = asked.map(([timer, area, overrun]) => ({
      timer,
      spec: Buffer.from(r.bytes(area)),
      overrun: r.value(overrun),
    }));
  };
}

export const timersDump: DumpPart<Facts> = {
  collect(_ctx, task) {
    const found = readTimers(task.pid);
    if (!found)
      throw new CriuError(
        'UNSUPPORTED',
        'this kernel does not show POSIX timers',
        { pid: task.pid },
        'use a kernel with CONFIG_CHECKPOINT_RESTORE',
      );
    return { timers: found.reverse(), owners: new Map(), interval: [], posix: [] };
  },

  ask(task, tid, p, facts) {
    const timers = tid === task.pid ? askLeader(p, facts) : undefined;
    const looks = facts.timers
      .filter((timer) => isUnnamedThread(timer) && !hasSignal(task.state, timer))
      .map((timer) => [timer.id, planClockLook(p, timer)] as const);
    return (r) => {
      timers?.(r);
      for (const [id, look] of looks) note(facts.owners, id, tid, look(r));
    };
  },

  describe(ctx, task, facts) {
    const [real, virt, prof] = facts.interval as [ItimerEntry, ItimerEntry, ItimerEntry];
    const posix = facts.posix.map(({ timer, spec, overrun }): PosixTimerEntry => {
      const entry = {
        it_id: timer.id,
        si_signo: timer.signo,
        it_sigev_notify: SIGEV_NONE,
        sival_ptr: timer.sigval,
        overrun,
        isec: spec.readBigInt64LE(itimerspec.it_interval + timespec.tv_sec),
        insec: spec.readBigInt64LE(itimerspec.it_interval + timespec.tv_nsec),
        vsec: spec.readBigInt64LE(itimerspec.it_value + timespec.tv_sec),
        vnsec: spec.readBigInt64LE(itimerspec.it_value + timespec.tv_nsec),
        ...notification(task, timer),
      };
      return { ...entry, ...clockOf(ctx, task, timer, facts.owners) };
    });
    task.taskCore().timers = { real, virt, prof, posix };
  },
};

function note(owners: ClockOwners, id: number, tid: number, finding: Finding): void {
  if (finding === 'own') owners.set(id, tid);
  else if (finding === 'gone') owners.set(id, 'gone');
  else if (!owners.has(id)) owners.set(id, 'unknown');
}
