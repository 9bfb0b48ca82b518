// Pid namespaces.
import { namespaceKind } from '../kind.js';
import { pidDump } from './dump.js';
import { pidRestore } from './restore.js';

export const pid = namespaceKind({ name: 'pid', dump: pidDump, restore: pidRestore });
