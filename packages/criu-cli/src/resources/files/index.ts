// Open files: descriptor tables, and the descriptions behind them.
import { resource } from '../../engine/resource.js';
import { filesDump } from './dump.js';
import { filesRestore } from './restore.js';

export const files = resource({ name: 'files', dump: filesDump, restore: filesRestore });
