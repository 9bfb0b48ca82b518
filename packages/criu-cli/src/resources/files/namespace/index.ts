// Open namespace files of nsfs.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { namespaceDump } from './dump.js';
import { namespaceRestore } from './restore.js';

export const namespaceFile = fileKind({
  name: 'namespace',
  type: FdTypes.NS,
  field: 'nsf',
  dump: namespaceDump,
  restore: namespaceRestore,
});
