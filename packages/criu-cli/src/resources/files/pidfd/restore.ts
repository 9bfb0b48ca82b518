// pidfd_open(2): of a task of the tree, or of one that has ended, for which another one ends.

import { F_SETFL } from '@criu/native/uapi';
import { endShortLived, startShortLived } from '../../../engine/short-lived.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

export const pidfdRestore: FileRestore<'pidfd'> = {
  /** Those of one process that is gone are found to be of the same. */
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
