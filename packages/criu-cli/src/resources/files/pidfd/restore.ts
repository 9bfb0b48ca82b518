// pidfd_open(2): of a process of the tree; for an ended process, of a temporary process that is ended.

import { F_SETFL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } from '@criu/native/uapi';
import { endShortLived, startEnding, startShortLived } from '../../../engine/short-lived.js';
import { CriuError } from '../../../errors.js';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

/** Signals that stop a process instead of ending it. */
const STOPS: ReadonlySet<number> = new Set([SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]);

export const pidfdRestore: FileRestore<'pidfd'> = {
  /** Pidfds of the same ended process must refer to the same process again. */
  group: (entry) => String(entry.pidfd.ino),
  make({ ctx, plan, temp }, entries) {
    const p = plan.program('files');
    const { nspid, exit_status: status } = entries[0].pidfd;
    const alive = ctx.checkpoint.tasks.some((t) => t.pid === nspid);
    const tells = status !== undefined;
    if (tells && STOPS.has(status & 0x7f))
      throw new CriuError(
        'BAD_IMAGE',
        `pidfd ${entries[0].pidfd.id}: its process ended with signal ${status & 0x7f}, which ends nobody`,
        {
          file: 'files.img',
        },
      );
    const gone = alive ? undefined : tells ? startEnding(p, status) : startShortLived(p);
    for (const entry of entries) {
      const { id, flags, fown } = entry.pidfd;
      const fd = p.syscall('pidfd_open', [gone ?? nspid, flags & ~2], { label: `pidfd ${id}` });
      moveTo(p, fd, temp(id));
      p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
      setOwner(p, temp(id), fown);
    }
    if (gone) endShortLived(p, gone, tells ? 'by itself' : 'killed');
  },
};
