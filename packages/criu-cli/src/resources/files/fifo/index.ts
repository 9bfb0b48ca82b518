// fifo(7): an end of a named pipe.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { fifoDump } from './dump.js';
import { fifoRestore } from './restore.js';

export const fifo = fileKind({
  name: 'fifo',
  type: FdTypes.FIFO,
  field: 'fifo',
  dump: fifoDump,
  restore: fifoRestore,
});
