// fanotify(7): marks on inodes by file handle, and on mounts.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { fanotifyDump } from './dump.js';
import { fanotifyRestore } from './restore.js';

export const fanotify = fileKind({
  name: 'fanotify',
  type: FdTypes.FANOTIFY,
  field: 'ffy',
  dump: fanotifyDump,
  restore: fanotifyRestore,
});
