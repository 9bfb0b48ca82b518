// inotify(7): watches by file handle or path.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { inotifyDump } from './dump.js';
import { inotifyRestore } from './restore.js';

export const inotify = fileKind({
  name: 'inotify',
  type: FdTypes.INOTIFY,
  field: 'ify',
  dump: inotifyDump,
  restore: inotifyRestore,
});
