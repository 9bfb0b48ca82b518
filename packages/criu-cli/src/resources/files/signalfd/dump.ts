import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';

export const signalfdDump: FileDump = {
  matches: (file) => file.target.kind === 'anon' && file.target.name === 'signalfd',
  dump(_ctx, _task, file, id) {
    const { sigmask } = file.info;
    if (sigmask === undefined)
      throw new CriuError('INTERNAL', 'fdinfo has no signal set', { pid: file.pid, fd: file.fd });
    return { sgfd: { id, flags: file.flags, fown: file.fown, sigmask } };
  },
};
