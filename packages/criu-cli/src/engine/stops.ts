// Tasks that were stopped (SIGSTOP and its like) are stopped before they are themselves, so that no signal that is
// pending is taken first; what their parents had heard of that they hear no second time.
import { Program, type Tracer } from '@criu/compel';
import { P_PID, SIGCHLD, SIGCONT, SIGSTOP, WNOHANG, WSTOPPED } from '@criu/native/uapi';
import { asCriuError } from '../errors.js';
import { TaskState } from '../images/checkpoint.js';
import type { TaskRun } from './plan.js';

const SIG_IGN = 1n;
const SA_NOCLDSTOP = 1n;
const WALL = 0x40000000;
/** The signal is sent by whoever stops; what is waited for has happened already, or is about to. */
const SIGNAL_WAIT_S = 5;

/** Stops those that were stopped, or all. The agents are still there. @throws CriuError */
export async function stopTasks(
  tracer: Tracer,
  runs: readonly TaskRun[],
  leaveStopped: boolean,
): Promise<void> {
  const byPid = new Map<number, TaskRun>(runs.map((run) => [run.plan.pid, run]));
  for (const run of runs) {
    const { tc } = run.plan.task.core;
    const was = tc.task_state === TaskState.STOPPED;
    const continued = tc.continued ?? false;
    // One that is still pending takes hold now: it cannot be sent to an agent, which it would stop.
    const stops = was || leaveStopped || hasPending(run, SIGSTOP);
    if (!stops && !continued) continue;
    const parent = byPid.get(run.plan.task.ppid);
    try {
      if (continued && parent) await stopAndContinue(tracer, parent, run);
      if (!stops) continue;
      await tracer.stopParked(run.hostPid, run.hostTids, was ? (tc.stop_signo ?? SIGSTOP) : SIGSTOP);
      if (was && parent) await settleWithParent(tracer, parent, run, tc.stop_told ?? false);
    } catch (error) {
      throw asCriuError(error, 'cannot stop the task', { pid: run.plan.pid });
    }
  }
}

/** It is made to go on after a stop, which the parent can wait for then. */
async function stopAndContinue(tracer: Tracer, parent: TaskRun, child: TaskRun): Promise<void> {
  await tracer.stopParked(child.hostPid, child.hostTids, SIGSTOP);
  await settleWithParent(tracer, parent, child, true);
  process.kill(child.hostPid, 'SIGCONT');
  // The signal itself is taken away, by which the parent is told.
  const p = new Program('go on');
  if (!hasPending(child, SIGCONT)) takeSignal(p, SIGCONT);
  await tracer.runParked(child.hostPid, child.hostPid, BigInt(child.plan.place.region), p);
  await settleWithParent(tracer, parent, child, false);
}

/** The parent has its SIGCHLD, and a stop that can be waited for, only if it had them before. */
async function settleWithParent(
  tracer: Tracer,
  parent: TaskRun,
  child: TaskRun,
  told: boolean,
): Promise<void> {
  const p = new Program('what is known of a stop');
  if (told)
    p.syscall('waitid', [P_PID, child.plan.pid, null, WSTOPPED | WNOHANG | WALL, null], {
      label: `stop of ${child.plan.pid}`,
    });
  // A second one would make no difference.
  if (hears(parent) && !hasPending(parent, SIGCHLD)) takeSignal(p, SIGCHLD);
  if (p.length === 0) return;
  await tracer.runParked(parent.hostPid, parent.hostPid, BigInt(parent.plan.place.region), p);
}

function takeSignal(p: Program, signal: number): void {
  p.syscall('rt_sigtimedwait', [p.u64(1n << BigInt(signal - 1)), null, p.u64(SIGNAL_WAIT_S, 0), 8], {
    expect: 'any',
  });
}

/** Whether a stop of a child makes a SIGCHLD. */
function hears({ plan }: TaskRun): boolean {
  // The image has all signals but SIGKILL, which is before SIGCHLD.
  const action = plan.task.core.tc.sigactions[SIGCHLD - 2];
  return action === undefined || !(action.sigaction === SIG_IGN || action.flags & SA_NOCLDSTOP);
}

/** Whether a signal is pending for the process; a second one makes no difference. */
function hasPending({ plan }: TaskRun, signal: number): boolean {
  const { core, threads } = plan.task;
  const queues = [core.tc.signals_s, ...threads.map((thread) => thread.core.thread_core.signals_p)];
  return queues.some((queue) => queue?.signals.some(({ siginfo }) => siginfo.readInt32LE(0) === signal));
}
