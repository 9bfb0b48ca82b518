// The resources of a task that are dumped. The order: who numbers shared objects comes before who uses the numbers; then
// those that have questions to the task, which are answered while the rest is read.
import type { DumpModule, TreeDump } from '../engine/dump-module.js';
import { cgroups, cgroupTree } from './cgroups/dump.js';
import { creds } from './creds/dump.js';
import { files } from './files/dump.js';
import { ttyTree } from './files/tty/queue.js';
import { unixTree } from './files/unix/dump.js';
import { fs } from './fs/dump.js';
import { memory } from './memory/dump.js';
import { namespaces, namespaceTree } from './namespaces/dump.js';
import { process } from './process/dump.js';
import { seccomp, seccompTree } from './seccomp/dump.js';
import { signals } from './signals/dump.js';
import { threads } from './threads/dump.js';
import { rseq } from './threads/rseq-dump.js';
import { timers } from './timers/dump.js';

export const dumpModules: readonly DumpModule[] = [
  namespaces,
  memory,
  rseq,
  process,
  threads,
  signals,
  timers,
  creds,
  files,
  fs,
  cgroups,
  seccomp,
];

/** What is said about the tree as a whole. */
export const treeDumps: readonly TreeDump[] = [unixTree, ttyTree, cgroupTree, seccompTree, namespaceTree];
