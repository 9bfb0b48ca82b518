// signalfd(2): a set of signals.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { signalfdDump } from './dump.js';
import { signalfdRestore } from './restore.js';

export const signalfd = fileKind({
  name: 'signalfd',
  type: FdTypes.SIGNALFD,
  field: 'sgfd',
  dump: signalfdDump,
  restore: signalfdRestore,
});
