// Cgroup namespaces: a task is moved into the group that will be the root, in each hierarchy, and creates the namespace
// there.
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { cgroupsOf } from '../../cgroups/restore.js';
import type { NamespaceRestore } from '../kind.js';

export const cgroupRestore: NamespaceRestore = {
  plan(ctx, first, { number }) {
    const work = cgroupsOf(ctx);
    if (work)
      first.meanwhile(
        'namespaces',
        { title: `cgroups that are the root of cgroup namespace ${number}` },
        ({ hostPid }) => work.moveToRoot(first, hostPid),
      );
    first
      .program('namespaces')
      .syscall('unshare', [CLONE_NEW.cgroup], { label: `cgroup namespace ${number}` });
  },
};
