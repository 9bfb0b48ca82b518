// Open POSIX message queues: queues of a restored IPC namespace are opened through the descriptor that has created
// them, others by name.

import { openSync } from '@criu/native/fs';
import { F_SETFL, FASYNC, O_CREAT, O_EXCL } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileMaker, FileRestore } from '../kind.js';
import { madeQueues } from './queue.js';

/** A slot for a queue that is opened again. */
function openThrough({ ctx, plan }: FileMaker, id: number, queue: Slot, flags: number): Slot {
  const slot = ctx.openSlot(`POSIX message queue of file ${id}`);
  const about = { title: slot.name, needs: [queue], failure: `cannot open the ${slot.name}` };
  plan.meanwhile('files', about, () => slot.fill(openSync(`/proc/self/fd/${queue.value}`, flags)));
  return slot;
}

/** @throws CriuError BAD_IMAGE */
function queueOf(ctx: PlanContext, id: number, name: string | undefined): Slot | undefined {
  const queue = ctx.states.get(madeQueues).get(id);
  if (!queue && name === undefined)
    throw new CriuError('BAD_IMAGE', `POSIX message queue ${id} is not there`, { file: 'files.img' });
  return queue;
}

export const posixQueueRestore: FileRestore<'posix_queue'> = {
  make(maker, [entry]) {
    const { ctx, plan, temp } = maker;
    const { id, flags, fown, queue_id, name, pos } = entry.posix_queue;
    const queue = queueOf(ctx, queue_id, name);
    const own = flags & ~(O_CREAT | O_EXCL | FASYNC);
    if (queue) plan.take('files', openThrough(maker, id, queue, own), temp(id));
    const p = plan.program('files');
    if (!queue && name !== undefined) {
      const label = `POSIX message queue /${name}`;
      moveTo(p, p.syscall('mq_open', [p.cstring(name), own, 0, null], { label }), temp(id));
    }
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    if (pos) p.syscall('lseek', [temp(id), pos, 0], { label: `position in POSIX message queue ${queue_id}` });
    setOwner(p, temp(id), fown);
  },
};
