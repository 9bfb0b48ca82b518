// Cgroup namespaces: the group that tasks see as the root of each hierarchy.
import { namespaceKind } from '../kind.js';
import { cgroupDump } from './dump.js';
import { cgroupRestore } from './restore.js';

export const cgroup = namespaceKind({
  name: 'cgroup',
  several: true,
  dump: cgroupDump,
  restore: cgroupRestore,
});
