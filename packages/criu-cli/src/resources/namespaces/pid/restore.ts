// Pid namespaces: the root task is created as init of a new one, so that all pids are free; or it is created in an
// existing one (`--external pid[INODE]:NAME` of the dump, `--inherit-fd fd[N]:NAME`).
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { inheritedFd, missingInherited } from '../../files/inherit.js';
import type { NamespaceRestore } from '../kind.js';

const INIT = 1;

function planExternal(ctx: PlanContext, root: TaskPlan, key: string, file: string): void {
  if (root.pid === INIT)
    throw new CriuError('BAD_IMAGE', 'the init of a pid namespace cannot be restored in one that is there', {
      file,
      pid: root.pid,
    });
  const fd = inheritedFd(ctx, key);
  if (fd === undefined) missingInherited(ctx, key, 'the pid namespace');
  else root.birthPidNamespace = fd;
}

function planNew(root: TaskPlan): void {
  if (root.pid !== INIT)
    throw new CriuError(
      'UNSUPPORTED',
      `its first task is process ${root.pid}, not ${INIT}, of a pid namespace`,
      { pid: root.pid, file: 'pstree.img' },
    );
  root.birthFlags |= BigInt(CLONE_NEW.pid);
}

export const pidRestore: NamespaceRestore = {
  plan(ctx, root, { id }) {
    const file = `pidns-${id}.img`;
    const [key] = ctx.checkpoint.images.optional('PIDNS', id).map(({ entry }) => entry.ext_key);
    if (key === undefined) planNew(root);
    else planExternal(ctx, root, key, file);
    // A /proc that is mounted along with the namespace has its pids.
    const ownProc = plannedNamespaces(ctx).of(ctx.root, 'mnt')?.host === false;
    for (const { reg } of ctx.checkpoint.files.values())
      if (reg && !ownProc && /^\/?proc\/\d+(\/|$)/.test(reg.name))
        throw new CriuError('UNSUPPORTED', `${reg.name} is about a task of another pid namespace`, {
          file: 'files.img',
        });
  },
};
