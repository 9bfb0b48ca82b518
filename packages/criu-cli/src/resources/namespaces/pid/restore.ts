// Pid namespaces: the root task is born as the init of a new one, and so all pids are free in it.
import { CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import type { NamespaceRestore } from '../kind.js';

const INIT = 1;

export const pidRestore: NamespaceRestore = {
  plan(ctx, root) {
    if (root.pid !== INIT)
      throw new CriuError(
        'UNSUPPORTED',
        `its first task is process ${root.pid}, not ${INIT}, of a pid namespace`,
        { pid: root.pid, file: 'pstree.img' },
      );
    // A /proc that is made along with the namespace has its pids.
    const ownProc = plannedNamespaces(ctx).of(ctx.root, 'mnt')?.host === false;
    for (const { reg } of ctx.checkpoint.files.values())
      if (reg && !ownProc && /^\/?proc\/\d+(\/|$)/.test(reg.name))
        throw new CriuError('UNSUPPORTED', `${reg.name} is about a task of another pid namespace`, {
          file: 'files.img',
        });
    root.birthFlags |= BigInt(CLONE_NEW.pid);
  },
};
