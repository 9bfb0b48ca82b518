import type { DumpPart } from '../../engine/resource.js';
import { readCwd, readRoot } from '../../proc/index.js';
import { withLink } from '../files/regular/with-link.js';
import { openFiles } from '../files/table.js';

export const fsDump: DumpPart<{ cwd: number; root: number }> = {
  collect: (ctx, task) => ({
    cwd: withLink(task, 'cwd', readCwd(task.pid), (file) => openFiles(ctx).ownId(file)),
    root: withLink(task, 'root', readRoot(task.pid), (file) => openFiles(ctx).ownId(file)),
  }),
  describe(ctx, task, facts) {
    ctx.images.add(
      'FS',
      { cwd_id: facts.cwd, root_id: facts.root, umask: task.status.umask ?? 0o22 },
      { id: task.nsPid },
    );
  },
};
