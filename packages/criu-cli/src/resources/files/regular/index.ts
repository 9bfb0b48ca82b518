// Files with a path: what is opened, mapped, run or worked in. Restore finds them by name, so the name has to lead to
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
