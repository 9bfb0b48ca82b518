// Files that only a plugin can create: the plugin is asked for a descriptor when the restore starts.
import { fstatSync } from '@criu/native/fs';
import type { PlanContext, Slot } from '../../engine/plan.js';
import { CriuError } from '../../errors.js';
import type { HookCall, HookName } from '../../plugins/index.js';

/** The slot for such a file. @throws CriuError PLUGIN_FAILED if there is no plugin with that hook */
export function pluginSlot(ctx: PlanContext, hook: HookName, call: HookCall): Slot {
  const { hooks } = ctx;
  const missing = () =>
    new CriuError(
      'PLUGIN_FAILED',
      `${call.about} belongs to a plugin, and none that is there restores it`,
      { file: 'files.img' },
      'name the plugin of the dump with --libdir or --plugin',
    );
  if (hooks !== undefined && !hooks.has(hook)) throw missing();
  return ctx.openSlot(`${call.about} of a plugin`, () => {
    const answer = hooks?.askNow(hook, call);
    if (answer === undefined) throw missing();
    if (answer.fd === undefined)
      throw new CriuError(
        'PLUGIN_FAILED',
        `the plugin ${answer.plugin} gave no descriptor for ${call.about}`,
      );
    fstatSync(answer.fd);
    return answer.fd;
  });
}
