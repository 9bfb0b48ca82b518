// User namespaces: the mapping of ids inside to ids outside.
import { namespaceKind } from '../kind.js';
import { userDump } from './dump.js';
import { userRestore } from './restore.js';

export const user = namespaceKind({ name: 'user', dump: userDump, restore: userRestore });
