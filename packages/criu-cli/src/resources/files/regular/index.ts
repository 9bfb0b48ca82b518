// Files with a path: opened or mapped files, programs and directories.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { regularDump } from './dump.js';
import { regularRestore } from './restore.js';

export const regular = fileKind({
  name: 'file',
  type: FdTypes.REG,
  field: 'reg',
  dump: regularDump,
  restore: regularRestore,
});
