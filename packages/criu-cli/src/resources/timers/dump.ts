// Timers of a process: setitimer(2) and timer_create(2). What is left until they expire is kept.
import type { DataRef, StepRef } from '@criu/compel';
import type { ItimerEntry, PosixTimerEntry } from '@criu/images';
import type { LiveTask } from '../../engine/dump-context.js';
import { dumpModule } from '../../engine/dump-module.js';
import { CriuError } from '../../errors.js';
import { type PosixTimer, readTimers } from '../../proc/index.js';

const SIGEV = { signal: 0, none: 1, thread: 2, thread_id: 4 } as const;

interface Facts {
  readonly timers: readonly PosixTimer[];
  interval: ItimerEntry[];
  posix: PosixTimerEntry[];
}

function itimer(bytes: Buffer): ItimerEntry {
  return {
    isec: bytes.readBigInt64LE(0),
    iusec: bytes.readBigInt64LE(8),
    vsec: bytes.readBigInt64LE(16),
    vusec: bytes.readBigInt64LE(24),
  };
}

function posixTimer(task: LiveTask, timer: PosixTimer, spec: Buffer, overrun: number): PosixTimerEntry {
  return {
    it_id: timer.id,
    clock_id: timer.clockId,
    si_signo: timer.signo,
    it_sigev_notify: timer.perThread ? SIGEV.thread_id : SIGEV[timer.notify],
    sival_ptr: timer.sigval,
    overrun,
    isec: spec.readBigInt64LE(0),
    insec: spec.readBigInt64LE(8),
    vsec: spec.readBigInt64LE(16),
    vnsec: spec.readBigInt64LE(24),
    ...(timer.perThread ? { notify_thread_id: task.nsTid(timer.target) } : {}),
  };
}

export const timers = dumpModule<Facts>({
  name: 'timers',

  collect(_ctx, task) {
    const found = readTimers(task.pid);
    if (!found)
      throw new CriuError(
        'UNSUPPORTED',
        'this kernel does not show POSIX timers',
        { pid: task.pid },
        'use a kernel with CONFIG_CHECKPOINT_RESTORE',
      );
    return { timers: found.reverse(), interval: [], posix: [] };
  },

  ask(task, tid, p, facts) {
    if (tid !== task.pid) return () => {};
    const intervals = [0, 1, 2].map((which) => {
      const area = p.out(32);
      p.syscall('getitimer', [which, area]);
      return area;
    });
    const asked: [PosixTimer, DataRef, StepRef][] = facts.timers.map((timer) => {
      const area = p.out(32);
      p.syscall('timer_gettime', [timer.id, area], { label: `timer ${timer.id}` });
      return [timer, area, p.syscall('timer_getoverrun', [timer.id], { label: `timer ${timer.id}` })];
    });
    return (r) => {
      facts.interval = intervals.map((area) => itimer(r.bytes(area)));
      facts.posix = asked.map(([timer, area, overrun]) =>
        posixTimer(task, timer, r.bytes(area), r.value(overrun)),
      );
    };
  },

  describe(_ctx, task, facts) {
    const [real, virt, prof] = facts.interval as [ItimerEntry, ItimerEntry, ItimerEntry];
    task.taskCore().timers = { real, virt, prof, posix: facts.posix };
  },
});
