// UTS namespaces: host name and domain name.
import { namespaceKind } from '../kind.js';
import { utsDump } from './dump.js';
import { utsRestore } from './restore.js';

export const uts = namespaceKind({ name: 'uts', dump: utsDump, restore: utsRestore });
