// eventfd(2): a counter.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { eventfdDump } from './dump.js';
import { eventfdRestore } from './restore.js';

export const eventfd = fileKind({
  name: 'eventfd',
  type: FdTypes.EVENTFD,
  field: 'efd',
  dump: eventfdDump,
  restore: eventfdRestore,
});
