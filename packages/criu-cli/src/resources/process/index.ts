// State of a process as a whole: limits, personality, and switches of prctl(2).
import { resource } from '../../engine/resource.js';
import { processDump } from './dump.js';
import { processRestore } from './restore.js';

export const process = resource({ name: 'process', dump: processDump, restore: processRestore });
