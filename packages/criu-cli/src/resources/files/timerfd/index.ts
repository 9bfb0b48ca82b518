// timerfd_create(2): the remaining time is dumped, not the absolute time of expiry.
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
