// The resources of a task that are dumped. The order: who numbers shared objects comes before who uses the numbers.
import type { DumpModule } from '../engine/dump-module.js';
import { cgroups } from './cgroups/dump.js';
import { creds } from './creds/dump.js';
import { files } from './files/dump.js';
import { fs } from './fs/dump.js';
import { memory } from './memory/dump.js';
import { namespaces } from './namespaces/dump.js';
import { process } from './process/dump.js';
import { seccomp } from './seccomp/dump.js';
import { signals } from './signals/dump.js';
import { threads } from './threads/dump.js';
import { timers } from './timers/dump.js';

export const dumpModules: readonly DumpModule[] = [
  namespaces,
  memory,
  files,
  process,
  threads,
  signals,
  timers,
  creds,
  fs,
  cgroups,
  seccomp,
];
