// A file that a plugin restores, given its id.
import { setOwner } from '../common.js';
import type { FileRestore } from '../kind.js';
import { pluginSlot } from '../plugin-slot.js';

export const externalFileRestore: FileRestore<'ext'> = {
  make({ ctx, plan, temp }, [{ ext }]) {
    const { id, fown } = ext;
    plan.take('files', pluginSlot(ctx, 'RESTORE_EXT_FILE', { args: [id], about: `file ${id}` }), temp(id));
    setOwner(plan.program('files'), temp(id), fown);
  },
};
