// Mount namespaces: their mounts, and the contents of file systems in memory.
import { namespaceKind } from '../kind.js';
import { mntDump } from './dump.js';
import { mntRestore } from './restore.js';

export const mnt = namespaceKind({
  name: 'mnt',
  alone: true,
  several: true,
  dump: mntDump,
  restore: mntRestore,
});
