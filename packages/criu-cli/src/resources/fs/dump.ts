// Working and root folder, and umask.
import { closeSync, constants, fstatSync, openSync } from '@criu/native/fs';
import type { LiveTask } from '../../engine/dump-context.js';
import { dumpModule } from '../../engine/dump-module.js';
import { asCriuError } from '../../errors.js';
import { readCwd, readRoot } from '../../proc/index.js';
import { O_PATH } from '../files/common.js';
import { fsTypeOf } from '../files/open-file.js';
import { type PathFile, unopened } from '../files/regular/dump.js';

/** A folder (or file) of a task by its link in /proc, opened by us. */
export function withLink<T>(task: LiveTask, name: string, link: string, use: (file: PathFile) => T): T {
  const path = `/proc/${task.pid}/${name}`;
  let local: number;
  try {
    local = openSync(path, constants.O_RDONLY | (name === 'exe' ? 0 : O_PATH));
  } catch (error) {
    throw asCriuError(error, `cannot open ${path}`, { pid: task.pid, file: link });
  }
  try {
    const stat = fstatSync(local, { bigint: true });
    return use(unopened({ pid: task.pid, local, link, stat, fsType: fsTypeOf(local) }));
  } finally {
    closeSync(local);
  }
}

export const fs = dumpModule<{ cwd: number; root: number }>({
  name: 'fs',
  collect: (ctx, task) => ({
    cwd: withLink(task, 'cwd', readCwd(task.pid), (file) => ctx.files.ownId(file)),
    root: withLink(task, 'root', readRoot(task.pid), (file) => ctx.files.ownId(file)),
  }),
  describe(ctx, task, facts) {
    ctx.images.add(
      'FS',
      { cwd_id: facts.cwd, root_id: facts.root, umask: task.status.umask ?? 0o22 },
      { id: task.nsPid },
    );
  },
});
