// Pid namespaces: images have the numbers that tasks have in their own, which has to be dumped with its init.
import type { DumpContext, TreeTask } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { type HostPid, lookInside, type NsPid, namespacePids } from '../../../proc/pids.js';
import type { NamespaceDump } from '../dump-kind.js';
import { ownsNamespace } from '../links.js';

const INIT = 1;

/** What a pid, group or session of this process's view is in the pid namespace of the tasks. @throws CriuError */
export function pidInside(ctx: DumpContext, pid: HostPid): NsPid | HostPid {
  if (!ownsNamespace(ctx, 'pid')) return pid;
  const members = ctx.tasks.map((task) => task.pid);
  const found = lookInside(pid, ctx.root.status.nsPid.length, members);
  if (found === undefined)
    throw new CriuError(
      'UNSUPPORTED',
      `a file or terminal of the tasks belongs to process, group or session ${pid}, which is not in their pid namespace`,
      { pid: ctx.root.pid },
    );
  return found;
}

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
  name: 'pid',

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
