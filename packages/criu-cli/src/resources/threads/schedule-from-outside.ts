// Sets the scheduling of threads in a new user namespace. Priorities need privileges in the host's namespace, so the
// restoring process sets them when all threads exist.
import { SysError, sys } from '@criu/native';
import {
  IOPRIO_WHO_PROCESS,
  PRIO_PROCESS,
  SCHED_FIFO,
  SCHED_OTHER,
  SCHED_RESET_ON_FORK,
  SCHED_RR,
  sched_attr,
} from '@criu/native/uapi';
import type { PlanContext } from '../../engine/plan.js';
import { asCriuError } from '../../errors.js';
import type { ThreadCoreEntry } from '../../images/types.js';
import { attrOf, utilizationOf } from './scheduling.js';

function setSlice(tid: number, slice: bigint): void {
  const attr = attrOf(tid);
  if (!attr) throw new SysError('sched_getattr', 0);
  attr.writeBigUInt64LE(slice, sched_attr.sched_runtime);
  sys('sched_setattr', tid, attr, 0);
}

function schedule(tid: number, thread: ThreadCoreEntry): void {
  const { sched_policy: asked = 0, sched_prio: prio = 0, sched_nice: nice, io_priority: io = 0 } = thread;
  const policy = asked & ~SCHED_RESET_ON_FORK;
  if (asked !== SCHED_OTHER)
    sys(
      'sched_setscheduler',
      tid,
      asked,
      new Int32Array([policy === SCHED_FIFO || policy === SCHED_RR ? prio : 0]),
    );
  if (nice !== undefined) sys('setpriority', PRIO_PROCESS, tid, nice);
  if (io !== 0) sys('ioprio_set', IOPRIO_WHO_PROCESS, tid, io);
  if (thread.sched_slice_ns !== undefined) setSlice(tid, thread.sched_slice_ns);
  const utilization = utilizationOf(thread);
  if (utilization) sys('sched_setattr', tid, utilization, 0);
}

export function scheduleFromOutside(ctx: PlanContext): void {
  ctx.afterSpawn('note whom to schedule', (runs) => {
    ctx.beforeGo('set the scheduling of threads', () => {
      for (const run of runs)
        for (const { tid, core } of run.plan.task.threads) {
          try {
            schedule(run.hostTid(tid), core.thread_core);
          } catch (error) {
            throw asCriuError(error, 'cannot set its scheduling', { pid: tid });
          }
        }
    });
  });
}
