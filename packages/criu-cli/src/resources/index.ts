// The list of all kinds of state. Its order matters only between kinds that have no needs of each other.
import { Resources } from '../engine/resource.js';
import { cgroups } from './cgroups/index.js';
import { cpuinfo } from './cpuinfo/index.js';
import { creds } from './creds/index.js';
import { files } from './files/index.js';
import { fs } from './fs/index.js';
import { memory } from './memory/index.js';
import { namespaces } from './namespaces/index.js';
import { process } from './process/index.js';
import { seccomp } from './seccomp/index.js';
import { semaphores } from './semaphores/index.js';
import { signals } from './signals/index.js';
import { rseq, threads } from './threads/index.js';
import { timers } from './timers/index.js';

export const resources = new Resources([
  namespaces,
  files,
  memory,
  rseq,
  signals,
  fs,
  process,
  threads,
  timers,
  creds,
  cgroups,
  semaphores,
  seccomp,
  cpuinfo,
]);
