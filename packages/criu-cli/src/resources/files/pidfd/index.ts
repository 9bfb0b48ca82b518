// pidfd_open(2): a process of the tree, or one that has ended already.
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
