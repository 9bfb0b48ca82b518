// Mount namespaces: the mounts of each, and the content of those that are in memory.
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
