// timerfd_create(2): a timer behind a descriptor; what is left until it expires is kept, not when that is.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { timerfdDump } from './dump.js';
import { timerfdRestore } from './restore.js';

export const timerfd = fileKind({
  name: 'timerfd',
  type: FdTypes.TIMERFD,
  field: 'tfd',
  dump: timerfdDump,
  restore: timerfdRestore,
});
