// Time namespaces: stores the readings of their clocks, which continue from there.
import type { TaskKobjIdsEntry, Timespec } from '@criu/images';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { NSEC_PER_SEC } from '../../../nanoseconds.js';
import { readTimensOffsets } from '../../../proc/index.js';
import { type Namespace, type NsLinks, namespacesOf, rootLinks } from '../../../views/namespaces.js';
import type { NamespaceDump } from '../kind.js';
import { type ClockName, machineClocks, NO_OFFSETS, nanoseconds } from './clocks.js';

/** Stores the clocks as a task reads them now. */
function addClocks(ctx: DumpContext, id: number, pid: number): void {
  const offsets = readTimensOffsets(pid) ?? NO_OFFSETS;
  const machine = machineClocks();
  const read = (name: ClockName): Timespec => {
    const now = machine[name] + nanoseconds(offsets[name]);
    return { tv_sec: now / NSEC_PER_SEC, tv_nsec: now % NSEC_PER_SEC };
  };
  ctx.images.add('TIMENS', { monotonic: read('monotonic'), boottime: read('boottime') }, { id });
}

function addOwnClocks(ctx: DumpContext, { id, members: [first = ctx.root] }: Namespace): void {
  addClocks(ctx, id, first.pid);
}

export const timeDump: NamespaceDump = {
  rehearse: addOwnClocks,
  describe: addOwnClocks,
};

/** Tasks in the host's time namespace get a new one on restore; its image has id 0. */
export function noteHostClocks(ctx: DumpContext): void {
  const [first] =
    namespacesOf(ctx)
      .all('time')
      .find(({ host }) => host)?.members ?? [];
  if (first) addClocks(ctx, 0, first.pid);
}

/**
 * CRIU supports one time namespace per tree: its images have the root task's for all. The namespace of a task that
 * joined later, as with `exec` of runc before 1.2, is stored in a field of our own.
 */
export function numberTime(ctx: DumpContext, task: LiveTask, ids: TaskKobjIdsEntry): TaskKobjIdsEntry {
  const known = namespacesOf(ctx);
  const [own, ofRoot] = [known.of(task, 'time'), rootLinks(ctx).time];
  if (!own || !ofRoot || own.inode === ofRoot.inode) return ids;
  return { ...ids, time_ns_id: known.instance('time', ofRoot.inode).id, own_time_ns_id: own.id };
}

/** The offsets in /proc are those for children of a task. @throws CriuError if the task's own differ */
export function checkTime(pid: number, links: NsLinks): void {
  if (links.time_for_children?.inode !== links.time?.inode)
    throw new CriuError('UNSUPPORTED', 'its children would be in another time namespace', { pid });
}
