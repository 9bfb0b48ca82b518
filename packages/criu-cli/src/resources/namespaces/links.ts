// Whether the tasks are in namespaces of their own, by the ids that they and the dumper have.
import type { DumpContext } from '../../engine/dump-context.js';
import { readNsLink } from '../../proc/index.js';
import type { NamespaceName } from './kinds.js';

const known = new WeakMap<DumpContext, Map<NamespaceName, boolean>>();

/** Whether the root task, and so all tasks, is in a namespace of this kind that is not the dumper's. */
export function ownsNamespace(ctx: DumpContext, name: NamespaceName): boolean {
  let all = known.get(ctx);
  if (!all) {
    all = new Map();
    known.set(ctx, all);
  }
  let owns = all.get(name);
  if (owns === undefined) {
    owns = readNsLink(ctx.root.pid, name)?.inode !== readNsLink(process.pid, name)?.inode;
    all.set(name, owns);
  }
  return owns;
}
