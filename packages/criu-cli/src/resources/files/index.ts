// Open files: descriptor tables and open file descriptions.
import { resource } from '../../engine/resource.js';
import { filesDump } from './dump.js';
import { filesRestore } from './restore.js';

export const files = resource({ name: 'files', dump: filesDump, restore: filesRestore });
