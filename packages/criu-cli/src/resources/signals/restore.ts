// Restores signal actions and pending signals with their siginfo. All signals stay blocked until the very end.
import type { DataRef, Program } from '@criu/compel';

import { SIGKILL, SIGSTOP, siginfo_t } from '@criu/native/uapi';
import type { TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import type { SaEntry, SignalQueueEntry } from '../../images/types.js';

const NSIG = 64;
/** All signals but SIGKILL and SIGSTOP, which cannot be caught. */
const CATCHABLE = Array.from({ length: NSIG }, (_, i) => i + 1).filter(
  (signal) => signal !== SIGKILL && signal !== SIGSTOP,
);

/** Plans actions; pending signals are queued by the threads themselves. */
export const signalsRestore: RestorePart = {
  plan(ctx) {
    for (const plan of ctx.tasks) signalActions(plan);
  },
};

/** struct kernel_sigaction of each signal; the image omits SIGKILL and SIGSTOP. */
function signalActions(plan: TaskPlan): void {
  const actions = plan.task.core.tc.sigactions;
  if (actions.length === 0) return;
  if (actions.length !== NSIG - 2) {
    throw new CriuError('BAD_IMAGE', `${actions.length} signal actions, not ${NSIG - 2}`, {
      file: `core-${plan.pid}.img`,
    });
  }
  // Most actions are equal, the default of all zeros, and share their data.
  let known: { readonly program: Program; readonly action: SaEntry; readonly data: DataRef } | undefined;
  for (const [i, action] of actions.entries()) {
    const signal = CATCHABLE[i] ?? 0;
    if (action.compat_sigaction) {
      throw new CriuError('UNSUPPORTED', 'the task is a 32-bit one', { pid: plan.pid });
    }
    const program = plan.program('process');
    if (known?.program !== program || !same(known.action, action)) {
      const data = program.u64(action.sigaction, action.flags, action.restorer, action.mask);
      known = { program, action, data };
    }
    program.syscall('rt_sigaction', [signal, known.data, null, 8], {
      label: () => `action of signal ${signal}`,
    });
  }
}

function same(a: SaEntry, b: SaEntry): boolean {
  return a.sigaction === b.sigaction && a.flags === b.flags && a.restorer === b.restorer && a.mask === b.mask;
}

function each(
  queue: SignalQueueEntry | undefined,
  tid: number,
  add: (signal: number, info: Uint8Array) => void,
): void {
  for (const { siginfo } of queue?.signals ?? []) {
    if (siginfo.length !== siginfo_t.sizeof)
      throw new CriuError('BAD_IMAGE', `a siginfo of ${siginfo.length} bytes`, { file: `core-${tid}.img` });
    const signal = siginfo.readInt32LE(siginfo_t.si_signo);
    if (signal < 1 || signal > NSIG || signal === SIGKILL)
      throw new CriuError('BAD_IMAGE', `signal ${signal} is pending, which cannot be`, {
        file: `core-${tid}.img`,
      });
    // SIGSTOP would stop the agent; the task is stopped at the end (engine/stops.ts).
    if (signal !== SIGSTOP) add(signal, siginfo);
  }
}

/** Queues the signals pending for the process; its leader does that itself, as only then any si_code is permitted. */
export function queueShared(p: Program, pid: number, queue: SignalQueueEntry | undefined): void {
  each(queue, pid, (signal, info) => {
    p.syscall('rt_sigqueueinfo', [pid, signal, p.data(info)], { label: `pending signal ${signal}` });
  });
}

/**
 * Queues the signals pending for one thread, by that thread itself.
 * @param program returns the program for the next signal
 */
export function queuePrivate(
  program: () => Program,
  pid: number,
  tid: number,
  queue: SignalQueueEntry | undefined,
): void {
  each(queue, tid, (signal, info) => {
    const p = program();
    p.syscall('rt_tgsigqueueinfo', [pid, tid, signal, p.data(info)], {
      label: `signal ${signal} pending for thread ${tid}`,
    });
  });
}

/** Whether any signal is pending in a task. */
export function hasPending({ task }: TaskPlan): boolean {
  const queues = [task.core.tc.signals_s, ...task.threads.map(({ core }) => core.thread_core.signals_p)];
  return queues.some((queue) => queue !== undefined && queue.signals.length > 0);
}
