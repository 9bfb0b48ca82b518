// Pid namespaces: images have the numbers that tasks have in their own, which has to be dumped with its init.
import type { TreeTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { namespacePids } from '../../../proc/pids.js';
import type { NamespaceDump } from '../kind.js';

const INIT = 1;

function checkSession(task: TreeTask): void {
  if (namespacePids(task.status, task.stat).sid === 0)
    throw new CriuError(
      'UNSUPPORTED',
      'the leader of its session is not in its pid namespace',
      { pid: task.pid },
      'start the init of the namespace in a session of its own (setsid)',
    );
}

export const pidDump: NamespaceDump = {
  check(ctx, task) {
    if (task === ctx.root && task.nsPid !== INIT)
      throw new CriuError(
        'UNSUPPORTED',
        `it is process ${task.nsPid} of a pid namespace of its own, not the first`,
        { pid: task.pid },
        'dump that namespace with its init',
      );
    checkSession(task);
  },

  describe(ctx) {
    for (const task of ctx.tasks) if (task.kind === 'zombie') checkSession(task);
  },
};
