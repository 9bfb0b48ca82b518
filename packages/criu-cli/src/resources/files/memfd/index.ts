// memfd_create(2), and shared anonymous memory, which is a file of the same file system: inode and content once,
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
