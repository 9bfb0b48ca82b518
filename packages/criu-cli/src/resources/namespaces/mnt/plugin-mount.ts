// Mounts that a plugin restores: a module returns the path of the source; a plugin in C mounts it in a namespace of its
// own process.
import { randomBytes } from 'node:crypto';
import { cstring, sys } from '@criu/native';
import { mkdirSync, rmdirSync } from '@criu/native/fs';
import { AT_FDCWD, O_CLOEXEC, OPEN_TREE_CLONE } from '@criu/native/uapi';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';

/** A detached mount. @throws CriuError PLUGIN_FAILED if there is no plugin that handles it */
export function pluginMount(
  ctx: PlanContext,
  mount: { readonly id: number; readonly mountpoint: string },
): Slot {
  const { hooks } = ctx;
  const about = `mount ${mount.id} at ${mount.mountpoint}`;
  const missing = () =>
    new CriuError(
      'PLUGIN_FAILED',
      `${about} belongs to a plugin, and none that is there restores it`,
      {},
      'name the plugin of the dump with --libdir or --plugin',
    );
  if (hooks !== undefined && !hooks.has('RESTORE_EXT_MOUNT')) throw missing();
  return ctx.openSlot(`${about} of a plugin`, () => {
    const place = `/tmp/criu-plugin-${randomBytes(8).toString('hex')}`;
    mkdirSync(place, 0o700);
    try {
      const answer = hooks?.askNow('RESTORE_EXT_MOUNT', {
        args: [mount.id],
        text: place,
        // A module gets the mount point as tasks see it.
        second: mount.mountpoint,
        about,
      });
      if (answer === undefined) throw missing();
      if (answer.fd !== undefined) return answer.fd;
      return sys('open_tree', AT_FDCWD, cstring(answer.text), OPEN_TREE_CLONE | O_CLOEXEC);
    } catch (error) {
      throw asCriuError(error, `cannot clone ${about}`);
    } finally {
      rmdirSync(place);
    }
  });
}
