// The address space: mappings, their contents, and the layout recorded in mm_struct.
import { resource } from '../../engine/resource.js';
import { memoryDump } from './dump.js';
import { memoryRestore } from './restore.js';

export const memory = resource({ name: 'memory', dump: memoryDump, restore: memoryRestore });
