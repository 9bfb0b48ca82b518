// Gives tasks their adjustments of semaphores back.
import type { PlanContext, TaskPlan } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import type { SemUndoEntry } from '../../images/types.js';
import { restoredSemaphores } from '../namespaces/ipc/semaphores.js';
import { encode, LARGEST, type Operation } from './operations.js';

/**
 * A set that this restore has created has the values of the dump, so that its values stay. In one that was there the kernel
 * has taken back what the task did when the dump ended it, and the task does it again.
 */
function operations({ sem_num: num, adjustment }: SemUndoEntry, created: boolean): Operation[] {
  const again: Operation = { num, add: -adjustment, undo: true };
  if (!created) return [again];
  const opposite: Operation = { num, add: adjustment };
  return adjustment > 0 ? [opposite, again] : [again, opposite];
}

function check(plan: TaskPlan, { sem_id, sem_num, adjustment }: SemUndoEntry): void {
  if (adjustment && Math.abs(adjustment) <= LARGEST && sem_num <= 0xffff && sem_id <= 0x7fffffff) return;
  throw new CriuError(
    'BAD_IMAGE',
    `the adjustment of semaphore ${sem_num} of set ${sem_id} is ${adjustment}`,
    {
      pid: plan.pid,
      file: `core-${plan.pid}.img`,
    },
  );
}

export const undosRestore: RestorePart = {
  needs: [{ of: 'namespaces', why: 'semaphores of an IPC namespace are created with their values' }],
  plan(ctx: PlanContext): void {
    const created = ctx.states.get(restoredSemaphores);
    for (const plan of ctx.tasks)
      for (const entry of plan.task.core.tc?.sem_undos ?? []) {
        check(plan, entry);
        const { sem_id: id, sem_num: num } = entry;
        const all = operations(entry, created.has(id));
        const p = plan.program('process');
        p.syscall('semop', [id, p.data(encode(all)), all.length], {
          label: `semaphore ${num} of set ${id}, which the task held or had changed (SEM_UNDO)`,
        });
      }
  },
};
