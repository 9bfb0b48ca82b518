// Time namespaces: clocks that go on from what they said.
import { namespaceKind } from '../kind.js';
import { timeDump } from './dump.js';
import { timeRestore } from './restore.js';

export const time = namespaceKind({ name: 'time', dump: timeDump, restore: timeRestore });
