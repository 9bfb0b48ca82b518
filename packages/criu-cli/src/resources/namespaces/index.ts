// Namespaces, and the numbers of what tasks share.
import { resource } from '../../engine/resource.js';
import { namespacesDump } from './dump.js';
import { namespacesRestore } from './restore.js';

export const namespaces = resource({ name: 'namespaces', dump: namespacesDump, restore: namespacesRestore });
