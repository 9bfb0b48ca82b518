// fifo(7): opened by name while both ends are held, so that no open waits and no data is lost.
import { FdTypes } from '../../../engine/image-types.js';
import { AT_FDCWD, F_SETFL, moveTo, O_ACCMODE, O_RDWR, SETFL_MASK, setOwner } from '../common.js';
import { writePipeData } from '../pipe/restore.js';
import { openPath } from '../regular/restore.js';
import type { FileKindRestore } from '../restore.js';

export const fifoRestore: FileKindRestore = {
  name: 'fifo',
  type: FdTypes.FIFO,
  group: (entry) => String(entry.fifo!.pipe_id),
  make({ ctx, plan, temp }, entries) {
    const { pipe_id: pipeId } = entries[0]!.fifo!;
    const regOf = (entry: (typeof entries)[number]) =>
      ctx.checkpoint.file(entry.fifo!.regf_id ?? entry.id, `fifo ${entry.id}`).reg!;
    const hold = plan.tempFd();
    const path = openPath(ctx, regOf(entries[0]!));
    const p = plan.program('files');
    moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring(path), O_RDWR], { label: `open ${path}` }), hold);
    writePipeData(ctx, plan, 'FIFO_DATA', pipeId, hold);
    for (const entry of entries) {
      const reg = regOf(entry);
      const q = plan.program('files');
      const fd = q.syscall('openat', [AT_FDCWD, q.cstring(openPath(ctx, reg)), reg.flags & O_ACCMODE], {
        label: `open ${reg.name}`,
      });
      moveTo(q, fd, temp(entry.id));
      q.syscall('fcntl', [temp(entry.id), F_SETFL, reg.flags & SETFL_MASK]);
      setOwner(q, temp(entry.id), reg.fown);
    }
    plan.program('files').syscall('close', [hold]);
  },
};
