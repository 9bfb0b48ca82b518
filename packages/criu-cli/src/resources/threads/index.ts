// Threads: registers, scheduling, and all that only a thread can set for itself; credentials and pending signals go along.
import { resource } from '../../engine/resource.js';
import { threadsDump } from './dump.js';
import { threadsRestore } from './restore.js';
import { rseqDump } from './rseq-dump.js';

export const threads = resource({ name: 'threads', dump: threadsDump, restore: threadsRestore });

/** Critical sections of rseq(2), which have to be looked at before anything runs in the task; `threads` restores them. */
export const rseq = resource({ name: 'rseq', dump: rseqDump });
