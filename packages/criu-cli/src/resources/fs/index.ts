// Root, working directory and umask.
import { resource } from '../../engine/resource.js';
import { fsDump } from './dump.js';
import { fsRestore } from './restore.js';

export const fs = resource({ name: 'fs', dump: fsDump, restore: fsRestore });
