// Namespaces, and ids of kernel objects that tasks share.
import { resource } from '../../engine/resource.js';
import { namespacesDump } from './dump.js';
import { namespacesRestore } from './restore.js';

export const namespaces = resource({ name: 'namespaces', dump: namespacesDump, restore: namespacesRestore });
