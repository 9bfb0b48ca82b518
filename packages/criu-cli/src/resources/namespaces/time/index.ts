// Time namespaces: clocks that continue from their readings at the dump.
import { namespaceKind } from '../kind.js';
import { timeDump } from './dump.js';
import { planHostClocks, timeRestore } from './restore.js';

export const time = namespaceKind({
  name: 'time',
  several: true,
  dump: timeDump,
  restore: timeRestore,
  planHosts: planHostClocks,
});
