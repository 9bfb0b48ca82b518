// Files of kinds that are not supported here and that a plugin handles, mostly devices.
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
