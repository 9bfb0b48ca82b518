// Threads: registers, scheduling, and everything that a thread has to set itself, including credentials and pending
// signals.
import { resource } from '../../engine/resource.js';
import { threadsDump } from './dump.js';
import { threadsRestore } from './restore.js';
import { rseqDump } from './rseq-dump.js';

export const threads = resource({ name: 'threads', dump: threadsDump, restore: threadsRestore });

/**
 * Restartable sequences (rseq(2)). They are read before code runs in the task, when the kernel would clear them;
 * `threads` restores them.
 */
export const rseq = resource({ name: 'rseq', dump: rseqDump });
