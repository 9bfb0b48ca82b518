import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';

export const eventfdDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'eventfd',
  dump(_ctx, _task, file, id) {
    const { eventfd: facts } = file.info;
    if (!facts) throw new CriuError('INTERNAL', 'fdinfo has no counter', { pid: file.pid, fd: file.fd });
    // fdinfo of older kernels does not have the flag.
    const semaphore = facts.semaphore ? { semaphore: true } : {};
    return { efd: { id, flags: file.flags, fown: file.fown, counter: facts.count, ...semaphore } };
  },
};
