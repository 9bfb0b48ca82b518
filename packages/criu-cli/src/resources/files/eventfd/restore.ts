import { EFD_SEMAPHORE, F_SETFL } from '@criu/native/uapi';
import { moveTo, SETFL_MASK, setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';

export const eventfdRestore: FileRestore<'efd'> = {
  make({ plan, temp }, [entry]) {
    const { id, counter, flags, fown, semaphore } = entry.efd;
    const p = plan.program('files');
    const fd = p.syscall('eventfd2', [0, semaphore ? EFD_SEMAPHORE : 0], { label: `eventfd ${id}` });
    moveTo(p, fd, temp(id));
    if (counter) p.syscall('write', [temp(id), p.u64(counter), 8], { label: `counter of eventfd ${id}` });
    p.syscall('fcntl', [temp(id), F_SETFL, flags & SETFL_MASK]);
    setOwner(p, temp(id), fown);
  },
};
