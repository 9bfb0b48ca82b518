// Mount namespaces: the root task is born into a copy of the caller's, and makes the one of the checkpoint in its place.
import { CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { plannedNamespaces } from '../../../views/planned.js';
import type { NamespaceRestore } from '../kind.js';
import { MountBuilder } from './build.js';
import { planMounts } from './plan.js';
import { readMounts } from './tree.js';

export const mntRestore: NamespaceRestore = {
  plan(ctx, first, namespace) {
    const all = plannedNamespaces(ctx).made('mnt');
    if (all.length > 1)
      throw new CriuError('UNSUPPORTED', 'several mount namespaces cannot be restored yet', {
        pid: first.pid,
        file: `ids-${first.pid}.img`,
      });
    const tree = readMounts(ctx, namespace);
    first.birthFlags |= BigInt(CLONE_NEW.mnt);
    new MountBuilder(ctx, first, tree, planMounts(ctx, [tree])).build();
  },
};
