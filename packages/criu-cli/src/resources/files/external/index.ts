// Files of kinds that nobody here knows, and that a plugin keeps: devices mostly.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { externalFileDump } from './dump.js';
import { externalFileRestore } from './restore.js';

export const externalFile = fileKind({
  name: 'external file',
  type: FdTypes.EXT,
  field: 'ext',
  dump: externalFileDump,
  restore: externalFileRestore,
});
