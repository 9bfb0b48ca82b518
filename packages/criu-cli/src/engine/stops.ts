// Stops tasks that were in job-control stop (SIGSTOP and the like) when dumped. They are stopped before their own code
// runs, so that no pending signal is delivered first; a SIGCHLD that a parent got before the dump is not sent again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Program, type Tracer } from '@criu/compel';
import {
  __WALL,
  P_PID,
  SA_NOCLDSTOP,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGSTOP,
  siginfo_t,
  WNOHANG,
  WSTOPPED,
} from '@criu/native/uapi';
import { asCriuError } from '../errors.js';
import { TaskState } from '../images/checkpoint.js';
import { ProcError, readStat } from '../proc/index.js';
import type { TaskRun } from './plan.js';

/** Seconds to wait for a signal that the kernel has sent already or is about to send. */
const SIGNAL_WAIT_S = 5;

/** Whether a task is to stand still after the restore, until it gets SIGCONT. */
function standsStill(run: TaskRun, leaveStopped: boolean): boolean {
  // A pending SIGSTOP is applied at once: sent to an agent, it would stop the agent.
  return wasStopped(run) || leaveStopped || hasPending(run, SIGSTOP);
}

const wasStopped = ({ plan }: TaskRun) => plan.task.core.tc.task_state === TaskState.STOPPED;

/** Stops tasks that were stopped, or all with `leaveStopped`. The agents are still mapped. @throws CriuError */
export async function stopTasks(
  tracer: Tracer,
  runs: readonly TaskRun[],
  leaveStopped: boolean,
): Promise<void> {
  const byPid = new Map<number, TaskRun>(runs.map((run) => [run.plan.pid, run]));
  for (const run of runs) {
    const { tc } = run.plan.task.core;
    const was = wasStopped(run);
    const continued = tc.continued ?? false;
    const stops = standsStill(run, leaveStopped);
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

/** Milliseconds to wait for the kernel to stop a detached task, unless somebody has sent SIGCONT meanwhile. */
const STOP_WAIT_MS = 1000;

/**
 * Detaches the tasks that stand still, before all others: a detached thread runs for a moment before it stops, which
 * its parent must not see. @returns the other tasks
 */
export async function detachStopped(
  tracer: Tracer,
  runs: readonly TaskRun[],
  leaveStopped: boolean,
): Promise<TaskRun[]> {
  const still = new Set(runs.filter((run) => standsStill(run, leaveStopped)));
  await tracer.detachAll([...still].flatMap((run) => run.hostTids));
  const deadline = Date.now() + STOP_WAIT_MS;
  for (const { hostPid } of still) while (Date.now() < deadline && isRunning(hostPid)) await sleep(1);
  return runs.filter((run) => !still.has(run));
}

function isRunning(pid: number): boolean {
  try {
    return readStat(pid).state !== 'T';
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    // Somebody has killed the task.
    return false;
  }
}

/** Stops and continues a child, so that its parent can wait for the continuation (WCONTINUED). */
async function stopAndContinue(tracer: Tracer, parent: TaskRun, child: TaskRun): Promise<void> {
  await tracer.stopParked(child.hostPid, child.hostTids, SIGSTOP);
  await settleWithParent(tracer, parent, child, true);
  process.kill(child.hostPid, 'SIGCONT');
  // A thread of the child consumes the SIGCONT; with that the kernel notifies the parent.
  const p = new Program('go on');
  if (!hasPending(child, SIGCONT)) takeSignal(p, SIGCONT);
  await tracer.runParked(child.hostPid, child.hostPid, BigInt(child.plan.place.region), p);
  await settleWithParent(tracer, parent, child, false);
}

/**
 * Brings the parent's view of a stop into its state at the dump: consumes the stop with waitid(2) if the parent had
 * waited for it, and removes the new SIGCHLD unless one was pending.
 */
async function settleWithParent(
  tracer: Tracer,
  parent: TaskRun,
  child: TaskRun,
  waitedFor: boolean,
): Promise<void> {
  const p = new Program('what is known of a stop');
  if (waitedFor)
    p.syscall('waitid', [P_PID, child.plan.pid, null, WSTOPPED | WNOHANG | __WALL, null], {
      label: `stop of ${child.plan.pid}`,
    });
  // A standard signal is queued only once, so a SIGCHLD that was pending before stays as it is.
  if (getsSigchld(parent) && !hasPending(parent, SIGCHLD)) takeSignal(p, SIGCHLD);
  if (p.length === 0) return;
  await tracer.runParked(parent.hostPid, parent.hostPid, BigInt(parent.plan.place.region), p);
}

function takeSignal(p: Program, signal: number): void {
  p.syscall('rt_sigtimedwait', [p.u64(1n << BigInt(signal - 1)), null, p.u64(SIGNAL_WAIT_S, 0), 8], {
    expect: 'any',
  });
}

/** Whether the kernel sends SIGCHLD to this task when a child stops. */
function getsSigchld({ plan }: TaskRun): boolean {
  // Image entries are in signal order without SIGKILL (9), so SIGCHLD (17) is at index 17 - 2.
  const action = plan.task.core.tc.sigactions[SIGCHLD - 2];
  return (
    action === undefined || !(action.sigaction === BigInt(SIG_IGN) || action.flags & BigInt(SA_NOCLDSTOP))
  );
}

/**
 * Whether a signal is pending for the process or one of its threads. Another instance of a standard signal changes
 * nothing.
 */
function hasPending({ plan }: TaskRun, signal: number): boolean {
  const { core, threads } = plan.task;
  const queues = [core.tc.signals_s, ...threads.map((thread) => thread.core.thread_core.signals_p)];
  return queues.some((queue) =>
    queue?.signals.some(({ siginfo }) => siginfo.readInt32LE(siginfo_t.si_signo) === signal),
  );
}
