// pidfds (pidfd_open(2)) of a process of the tree, or of a process that has ended.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { pidfdDump } from './dump.js';
import { pidfdRestore } from './restore.js';

export const pidfd = fileKind({
  name: 'pidfd',
  type: FdTypes.PIDFD,
  field: 'pidfd',
  dump: pidfdDump,
  restore: pidfdRestore,
});
