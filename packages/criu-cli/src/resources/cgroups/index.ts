// Control groups: which the threads are in, and how those are configured.
import { resource } from '../../engine/resource.js';
import { cgroupsDump } from './dump.js';
import { cgroupsRestore } from './restore.js';

export const cgroups = resource({ name: 'cgroups', dump: cgroupsDump, restore: cgroupsRestore });
