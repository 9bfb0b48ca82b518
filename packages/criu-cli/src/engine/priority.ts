// Real-time priority for the work that stopped tasks, or tasks that are not restored yet, wait for.
import { availableParallelism } from 'node:os';
import { sysRaw } from '@criu/native';
import { SCHED_FIFO, SCHED_OTHER, SCHED_RESET_ON_FORK, SCHED_RR } from '@criu/native/uapi';

/** Threads and children do not inherit the policy. */
const REALTIME = SCHED_RR | SCHED_RESET_ON_FORK;

const PRIORITY = 1;

/** Pid 0 means the calling thread. */
const SELF = 0;

function setPolicy(pid: number, policy: number, priority: number): boolean {
  return sysRaw('sched_setscheduler', pid, policy, new Int32Array([priority])) === 0;
}

/** @param policy without flags */
function isRealtime(policy: number): boolean {
  return policy === SCHED_RR || policy === SCHED_FIFO;
}

/** Real-time policy of this thread without flags, and its priority; undefined while it has none. */
function ownRealtime(): { readonly policy: number; readonly priority: number } | undefined {
  const policy = sysRaw('sched_getscheduler', SELF) & ~SCHED_RESET_ON_FORK;
  const param = new Int32Array(1);
  if (!isRealtime(policy) || sysRaw('sched_getparam', SELF, param) < 0) return undefined;
  return { policy, priority: param[0] ?? PRIORITY };
}

/**
 * Gives a helper process the priority of this thread, which waits for what it does: at a lower one, it would wait for a
 * CPU on a busy machine.
 */
export function shareWith(pid: number): void {
  const own = ownRealtime();
  if (own) setPolicy(pid, own.policy | SCHED_RESET_ON_FORK, own.priority);
}

/** Whether this thread has been started with real-time priority that its children inherit (chrt(1)). */
export function isHandedDown(): boolean {
  return isRealtime(sysRaw('sched_getscheduler', SELF));
}

/**
 * The same for a task that is being restored: a step of its plan takes the priority from it (`forgetScheduling`), for
 * which it has no need of privileges, as it would with SCHED_RESET_ON_FORK.
 */
export function hasten(pid: number): void {
  const own = ownRealtime();
  if (own) setPolicy(pid, own.policy, own.priority);
}

/** Takes that priority from a task again. @returns false if it has none, or keeps it */
export function slow(pid: number): boolean {
  const policy = sysRaw('sched_getscheduler', pid) & ~SCHED_RESET_ON_FORK;
  return isRealtime(policy) && setPolicy(pid, SCHED_OTHER, 0);
}

/**
 * Real-time priority (SCHED_RR) of this thread and of the tracer: their work takes milliseconds, but on a busy machine
 * waiting for a CPU would take many times as long. Threads that copy memory do not get it. Does nothing if it is not
 * permitted, or if there is only one CPU.
 */
export class Priority implements Disposable {
  private raised: number[] = [];

  /**
   * A priority that this thread has had from its start, from `first-request`, is taken for one given here.
   * @param helper pid of the tracer
   */
  raise(helper?: number): void {
    const threads = availableParallelism() < 2 ? [] : helper === undefined ? [SELF] : [SELF, helper];
    for (const pid of threads) {
      const policy = sysRaw('sched_getscheduler', pid);
      const given = policy === REALTIME || (policy === SCHED_OTHER && setPolicy(pid, REALTIME, PRIORITY));
      if (given && !this.raised.includes(pid)) this.raised.push(pid);
    }
  }

  /**
   * Runs `work`, which creates a task, with the former policy: a child of a real-time thread has a timer slack of 0,
   * also as the default of PR_SET_TIMERSLACK (prctl(2)), since Linux 6.13.
   */
  async lowered<T>(work: () => Promise<T>): Promise<T> {
    const { raised } = this;
    this.drop();
    try {
      return await work();
    } finally {
      if (raised.length > 0) this.raise();
    }
  }

  /** Restores the former policy. */
  drop(): void {
    // Clearing the flag needs CAP_SYS_NICE, which a process that only has RLIMIT_RTPRIO may lack.
    for (const pid of this.raised)
      if (!setPolicy(pid, SCHED_OTHER, 0)) setPolicy(pid, SCHED_OTHER | SCHED_RESET_ON_FORK, 0);
    this.raised = [];
  }

  [Symbol.dispose](): void {
    this.drop();
  }
}
