// Offers the new master of a terminal whose other side is not in the checkpoint to listeners (`orphan-pts-master`).

import { close, SysError, sysRaw } from '@criu/native';
import { O_RDWR, TIOCSPTLCK } from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { Notifier } from '../../../notify.js';
import type { MasterSource } from './masters.js';
import { openMaster } from './open-pty.js';

/** Unlocks a new master and notifies the listeners. @throws CriuError if none has taken a copy */
async function offer(ctx: PlanContext, fd: number, index: number): Promise<void> {
  const locked = sysRaw('ioctl', fd, TIOCSPTLCK, new Int32Array([0]));
  if (locked < 0) throw new SysError('ioctl', -locked, `/dev/pts/${index}`);
  const { taken } = await new Notifier(ctx.options).tell('orphan-pts-master', { fd });
  if (!taken)
    throw new CriuError(
      'BAD_OPTION',
      'nobody took the other side of a terminal that is not in the checkpoint',
      { file: `/dev/pts/${index}` },
      'listen to notifications (notify_scripts)',
    );
}

/** The slot for the master of a terminal on the caller's /dev/pts; filled when a listener has taken a copy. */
export function offerMaster(ctx: PlanContext, index: number): Slot {
  let own: number | undefined;
  ctx.prepare(`offer the master of pseudo-terminal ${index}`, async () => {
    own = openMaster('/dev/ptmx', index, O_RDWR);
    await offer(ctx, own, index);
  });
  ctx.cleanup(`close the master of pseudo-terminal ${index}`, () => {
    if (own !== undefined) close(own);
  });
  return ctx.openSlot(`master of pseudo-terminal ${index}`, () => {
    const fd = own;
    own = undefined;
    if (fd === undefined) throw new CriuError('INTERNAL', `nobody has made the pseudo-terminal ${index}`);
    return fd;
  });
}

/** The same for a terminal on a devpts of the tasks, which exists when their mounts do. */
export function offerMasterOn(ctx: PlanContext, plan: TaskPlan, source: MasterSource, index: number): Slot {
  const slot = ctx.openSlot(`master of pseudo-terminal ${index}`);
  const about = {
    title: `offer the ${slot.name}`,
    needs: source.needs,
    failure: `cannot offer the ${slot.name}`,
  };
  plan.meanwhile('files', about, async () => {
    // The slot closes the descriptor in any case.
    slot.fill(source.open());
    await offer(ctx, slot.value, index);
  });
  return slot;
}
