// Time namespaces: what the clocks say in them, so that they can go on from there.
import type { Timespec } from '@criu/images';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { readTimensOffsets } from '../../../proc/index.js';
import type { NsLinks } from '../../../views/namespaces.js';
import type { NamespaceDump } from '../kind.js';
import { type ClockName, machineClocks, NO_OFFSETS, NSEC, nanoseconds } from './clocks.js';

/** The clocks as the root task reads them now. */
function addClocks(ctx: DumpContext, id: number): void {
  const offsets = readTimensOffsets(ctx.root.pid) ?? NO_OFFSETS;
  const machine = machineClocks();
  const read = (name: ClockName): Timespec => {
    const now = machine[name] + nanoseconds(offsets[name]);
    return { tv_sec: now / NSEC, tv_nsec: now % NSEC };
  };
  ctx.images.add('TIMENS', { monotonic: read('monotonic'), boottime: read('boottime') }, { id });
}

export const timeDump: NamespaceDump = {
  describe: (ctx, { id }) => addClocks(ctx, id),
};

/** Tasks in the host's time namespace get one of their own when they are restored; its image has number 0. */
export function noteHostClocks(ctx: DumpContext): void {
  addClocks(ctx, 0);
}

/** The offsets in /proc are those for the children of a task. @throws CriuError if it has others itself */
export function checkTime(pid: number, links: NsLinks): void {
  if (links.time_for_children?.inode !== links.time?.inode)
    throw new CriuError('UNSUPPORTED', 'its children would be in another time namespace', { pid });
}
