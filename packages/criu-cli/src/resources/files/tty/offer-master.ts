// The master of a terminal whose other side is not in the checkpoint, made anew and offered to whoever listens.
import { close, SysError, sysRaw } from '@criu/native';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { Notifier } from '../../../notify.js';
import { O_RDWR } from '../common.js';
import { openMaster } from './open-pty.js';
import { TTY } from './settings.js';

/** A slot that gets the master once somebody has taken a copy of it. */
export function offerMaster(ctx: PlanContext, index: number): Slot {
  let own: number | undefined;
  ctx.prepare(`offer the master of pseudo-terminal ${index}`, async () => {
    const fd = openMaster('/dev/ptmx', index, O_RDWR);
    own = fd;
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
