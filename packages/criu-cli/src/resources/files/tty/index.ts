// Terminals: which one, its settings, and whose controlling terminal it is.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { ttyDump } from './dump.js';
import { ttyRestore } from './restore.js';

export const tty = fileKind({
  name: 'tty',
  type: FdTypes.TTY,
  field: 'tty',
  dump: ttyDump,
  restore: ttyRestore,
});
