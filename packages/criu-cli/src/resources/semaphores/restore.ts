// Gives tasks their adjustments of semaphores back.
import type { PlanContext } from '../../engine/plan.js';
import type { RestorePart } from '../../engine/resource.js';
import type { SemUndoEntry } from '../../images/types.js';
import { restoredSemaphores } from '../namespaces/ipc/semaphores.js';
import { encode, type Operation } from './operations.js';

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

export const undosRestore: RestorePart = {
  needs: [{ of: 'namespaces', why: 'semaphores of an IPC namespace are created with their values' }],
  plan(ctx: PlanContext): void {
    const created = ctx.states.get(restoredSemaphores);
    for (const plan of ctx.tasks)
      for (const entry of plan.task.core.tc?.sem_undos ?? []) {
        const { sem_id: id, sem_num: num } = entry;
        const all = operations(entry, created.has(id));
        const p = plan.program('process');
        p.syscall('semop', [id, p.data(encode(all)), all.length], {
          label: `semaphore ${num} of set ${id}, which the task held or had changed (SEM_UNDO)`,
        });
      }
  },
};
