// Timers of a process: setitimer(2) and timer_create(2).
import { resource } from '../../engine/resource.js';
import { timersDump } from './dump.js';
import { timersRestore } from './restore.js';

export const timers = resource({ name: 'timers', dump: timersDump, restore: timersRestore });
