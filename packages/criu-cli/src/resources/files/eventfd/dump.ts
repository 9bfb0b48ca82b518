// eventfd(2): a counter.
import { FdTypes } from '@criu/images';
import { CriuError } from '../../../errors.js';
import type { FileKind } from '../kind.js';

export const eventfd: FileKind = {
  name: 'eventfd',
  type: FdTypes.EVENTFD,
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'eventfd',
  dump(_ctx, _task, file, id) {
    const { eventfd: facts } = file.info;
    if (!facts) throw new CriuError('INTERNAL', 'fdinfo has no counter', { pid: file.pid, fd: file.fd });
    return { efd: { id, flags: file.flags, fown: file.fown, counter: facts.count } };
  },
};
