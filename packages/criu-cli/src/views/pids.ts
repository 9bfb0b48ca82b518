// Translates pids as this process sees them into pids of the tasks' own pid namespace.
import type { DumpContext } from '../engine/dump-context.js';
import { CriuError } from '../errors.js';
import { type HostPid, lookInside, type NsPid } from '../proc/pids.js';
import { ownsNamespace } from './namespaces.js';

/** The pid of a task, process group or session in the pid namespace of the tasks. @throws CriuError */
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
