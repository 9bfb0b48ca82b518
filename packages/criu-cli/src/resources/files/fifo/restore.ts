import { F_SETFL, O_ACCMODE, O_RDWR } from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import type { FileOf, RegFileEntry } from '../../../images/types.js';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { writePipeData } from '../pipe/refill.js';
import { openRegular } from '../regular/restore.js';

function regOf(ctx: PlanContext, { id, fifo }: FileOf<'fifo'>): RegFileEntry {
  return ctx.checkpoint.regular(fifo.regf_id ?? id, `fifo ${id}`);
}

export const fifoRestore: FileRestore<'fifo'> = {
  group: (entry) => String(entry.fifo.pipe_id),
  statusFlags: (entry, ctx) => regOf(ctx, entry).flags,
  make({ ctx, plan, temp }, entries) {
    const { pipe_id: pipeId } = entries[0].fifo;
    const hold = plan.tempFd();
    openRegular(ctx, plan, regOf(ctx, entries[0]), hold, O_RDWR);
    writePipeData(ctx, plan, 'FIFO_DATA', pipeId, hold);
    for (const entry of entries) {
      const reg = regOf(ctx, entry);
      const q = openRegular(ctx, plan, reg, temp(entry.id), reg.flags & O_ACCMODE);
      q.syscall('fcntl', [temp(entry.id), F_SETFL, reg.flags & SETFL_MASK]);
      setOwner(q, temp(entry.id), reg.fown);
    }
    // Opened files are checked when the program of the phase has ended, so the descriptor is closed in a later phase.
    plan.program('share').syscall('close', [hold]);
  },
};
