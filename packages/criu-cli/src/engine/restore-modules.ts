// The resource modules of a restore, in the order in which they plan. Phases order what they do.
import { CgroupsRestore } from '../resources/cgroups/restore.js';
import { FilesRestore } from '../resources/files/restore.js';
import { MemoryRestore } from '../resources/memory/restore.js';
import { NamespacesRestore } from '../resources/namespaces/restore.js';
import { ProcessRestore } from '../resources/process/restore.js';
import { SeccompRestore } from '../resources/seccomp/restore.js';
import { ThreadsRestore } from '../resources/threads/restore.js';
import { TimersRestore } from '../resources/timers/restore.js';
import type { RestoreModule } from './plan.js';

export function restoreModules(): RestoreModule[] {
  const files = new FilesRestore();
  return [
    new NamespacesRestore(),
    files,
    new MemoryRestore(files.table),
    new ProcessRestore(),
    new ThreadsRestore(),
    new TimersRestore(),
    new SeccompRestore(),
    new CgroupsRestore(),
  ];
}
