// User namespaces: how ids inside of them are those of users and groups outside.
import { namespaceKind } from '../kind.js';
import { userDump } from './dump.js';
import { userRestore } from './restore.js';

export const user = namespaceKind({ name: 'user', dump: userDump, restore: userRestore });
