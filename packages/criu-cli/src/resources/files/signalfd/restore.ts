import { F_SETFL } from '@criu/native/uapi';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

export const signalfdRestore: FileRestore<'sgfd'> = {
  make({ plan, temp }, [entry]) {
    const { id, sigmask, flags, fown } = entry.sgfd;
    const p = plan.program('files');
    const fd = p.syscall('signalfd4', [-1, p.u64(sigmask), 8, 0], { label: `signalfd ${id}` });
    moveTo(p, fd, temp(id));
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  },
};
