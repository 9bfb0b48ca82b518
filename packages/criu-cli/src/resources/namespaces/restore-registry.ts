// The kinds of namespace that can be restored, in the order in which the root task sees to them.

import { ipcRestore } from './ipc/restore.js';
import { pidRestore } from './pid/restore.js';
import type { NamespaceRestore } from './restore-kind.js';
import { timeRestore } from './time/restore.js';
import { utsRestore } from './uts/restore.js';

export const namespaceRestores: readonly NamespaceRestore[] = [
  pidRestore,
  timeRestore,
  utsRestore,
  ipcRestore,
];
