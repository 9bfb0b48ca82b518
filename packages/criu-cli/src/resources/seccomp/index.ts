// Seccomp modes and filters.
import { resource } from '../../engine/resource.js';
import { seccompDump } from './dump.js';
import { seccompRestore } from './restore.js';

export const seccomp = resource({ name: 'seccomp', dump: seccompDump, restore: seccompRestore });
