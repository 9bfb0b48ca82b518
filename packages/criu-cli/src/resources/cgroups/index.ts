// Control groups: membership of threads, and configuration of groups.
import { resource } from '../../engine/resource.js';
import { cgroupsDump } from './dump.js';
import { cgroupsRestore } from './restore.js';

export const cgroups = resource({ name: 'cgroups', dump: cgroupsDump, restore: cgroupsRestore });
