// memfd_create(2) and shared anonymous memory.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { memfdDump } from './dump.js';
import { memfdRestore } from './restore.js';

export const memfd = fileKind({
  name: 'memfd',
  type: FdTypes.MEMFD,
  field: 'memfd',
  dump: memfdDump,
  restore: memfdRestore,
});
