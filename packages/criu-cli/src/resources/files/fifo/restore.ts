import { F_SETFL, O_ACCMODE, O_RDWR } from '@criu/native/uapi';
import { SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { writePipeData } from '../pipe/refill.js';
import { openRegular } from '../regular/restore.js';

export const fifoRestore: FileRestore<'fifo'> = {
  group: (entry) => String(entry.fifo.pipe_id),
  make({ ctx, plan, temp }, entries) {
    const { pipe_id: pipeId } = entries[0].fifo;
    const regOf = (entry: (typeof entries)[number]) =>
      ctx.checkpoint.regular(entry.fifo.regf_id ?? entry.id, `fifo ${entry.id}`);
    const hold = plan.tempFd();
    openRegular(ctx, plan, regOf(entries[0]), hold, O_RDWR);
    writePipeData(ctx, plan, 'FIFO_DATA', pipeId, hold);
    for (const entry of entries) {
      const reg = regOf(entry);
      const q = openRegular(ctx, plan, reg, temp(entry.id), reg.flags & O_ACCMODE);
      q.syscall('fcntl', [temp(entry.id), F_SETFL, reg.flags & SETFL_MASK]);
      setOwner(q, temp(entry.id), reg.fown);
    }
    // Opened files are checked when the program of the phase has ended, so the descriptor is closed in a later phase.
    plan.program('share').syscall('close', [hold]);
  },
};
