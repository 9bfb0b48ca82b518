// The master of a terminal whose other side is not in the checkpoint, made anew and offered to whoever listens.

import { close, SysError, sysRaw } from '@criu/native';
import { O_RDWR } from '@criu/native/uapi';
import type { PlanContext, Slot, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { Notifier } from '../../../notify.js';
import type { MasterSource } from './masters.js';
import { openMaster } from './open-pty.js';
import { TTY } from './settings.js';

/** Unlocks a new master and tells whoever listens of it. @throws CriuError if nobody takes a copy */
async function offer(ctx: PlanContext, fd: number, index: number): Promise<void> {
  const locked = sysRaw('ioctl', fd, TTY.TIOCSPTLCK, new Int32Array([0]));
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

/** A slot that gets the master of a terminal of the caller's /dev/pts once somebody has taken a copy of it. */
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

/** The same for a terminal on a devpts of the tasks, which is there once their mounts are. */
export function offerMasterOn(ctx: PlanContext, plan: TaskPlan, source: MasterSource, index: number): Slot {
  const slot = ctx.openSlot(`master of pseudo-terminal ${index}`);
  const about = {
    title: `offer the ${slot.name}`,
    needs: source.needs,
    failure: `cannot offer the ${slot.name}`,
  };
  plan.meanwhile('files', about, async () => {
    // The slot closes it whatever happens.
    slot.fill(source.open());
    await offer(ctx, slot.value, index);
  });
  return slot;
}
