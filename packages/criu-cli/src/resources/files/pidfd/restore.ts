// pidfd_open(2): of a process of the tree; for an ended process, of a temporary process that is ended.

import { F_SETFL } from '@criu/native/uapi';
import { endShortLived, startShortLived } from '../../../engine/short-lived.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

export const pidfdRestore: FileRestore<'pidfd'> = {
  /** Pidfds of the same ended process must refer to the same process again. */
  group: (entry) => String(entry.pidfd.ino),
  make({ ctx, plan, temp }, entries) {
    const p = plan.program('files');
    const { nspid } = entries[0].pidfd;
    const alive = ctx.checkpoint.tasks.some((t) => t.pid === nspid);
    const gone = alive ? undefined : startShortLived(p);
    for (const entry of entries) {
      const { id, flags, fown } = entry.pidfd;
      const fd = p.syscall('pidfd_open', [gone ?? nspid, flags & ~2], { label: `pidfd ${id}` });
      moveTo(p, fd, temp(id));
      p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
      setOwner(p, temp(id), fown);
    }
    if (gone) endShortLived(p, gone);
  },
};
