// Files that a task uses without a descriptor: the targets of links in /proc/PID (program, root, working directory).

import { closeSync, constants, fstatSync, openSync } from '@criu/native/fs';
import { O_PATH } from '@criu/native/uapi';
import type { LiveTask } from '../../../engine/dump-task.js';
import { asCriuError } from '../../../errors.js';
import { fsTypeOf } from '../open-file.js';
import { type PathFile, unopened } from './dump.js';

/** Opens the target of a task's link in /proc, calls `use`, and closes it. */
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
