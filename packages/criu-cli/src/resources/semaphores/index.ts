// Adjustments of System V semaphores (SEM_UNDO of semop(2)): what the kernel adds to them when a task ends.
import { resource } from '../../engine/resource.js';
import { undosDump } from './dump.js';
import { undosRestore } from './restore.js';

export const semaphores = resource({ name: 'semaphores', dump: undosDump, restore: undosRestore });
