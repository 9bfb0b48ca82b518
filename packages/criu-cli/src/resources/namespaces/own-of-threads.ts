// Refuses threads that do not share everything with their process: images have one descriptor table, one working
// directory and one set of namespaces for each process.
import { SysError, sysRaw } from '@criu/native';
import { readlinkSync } from '@criu/native/fs';
import { KCMP_FILES, KCMP_FS } from '@criu/native/uapi';
import type { LiveTask } from '../../engine/dump-task.js';
import { CriuError } from '../../errors.js';

function isOwn(task: LiveTask, tid: number, type: number): boolean {
  const order = sysRaw('kcmp', task.pid, tid, type, 0, 0);
  if (order < 0) throw new SysError('kcmp', -order, `thread ${tid}`);
  return order !== 0;
}

function refuse(task: LiveTask, tid: number, what: string): never {
  throw new CriuError(
    'UNSUPPORTED',
    `thread ${tid} has ${what}, for which images have no room`,
    { pid: task.pid },
    'dump it when that thread has ended',
  );
}

/** Link of a thread's namespace; undefined if the kernel does not support that kind. */
function linkOf(task: LiveTask, tid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${task.pid}/task/${tid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** Namespaces that unshare(2) and setns(2) give to one thread of several; those of users and mounts take more than that. */
const OF_ONE_THREAD = [
  ['net', 'a network namespace'],
  ['uts', 'a UTS namespace'],
  ['ipc', 'an IPC namespace'],
  ['cgroup', 'a cgroup namespace'],
  ['pid_for_children', 'a pid namespace for its children'],
  ['time_for_children', 'a time namespace for its children'],
] as const;

/** @throws CriuError for a thread that does not share what images have only for the process */
export function checkOwnOfThreads(task: LiveTask): void {
  const others = task.tids.filter((tid) => tid !== task.pid);
  if (others.length === 0) return;
  const ofProcess = OF_ONE_THREAD.map(([kind]) => linkOf(task, task.pid, kind));
  for (const tid of others) {
    for (const [i, [kind, what]] of OF_ONE_THREAD.entries())
      if (linkOf(task, tid, kind) !== ofProcess[i]) refuse(task, tid, `${what} of its own (setns, unshare)`);
    if (isOwn(task, tid, KCMP_FS)) {
      if (linkOf(task, tid, 'mnt') !== linkOf(task, task.pid, 'mnt'))
        refuse(task, tid, 'a mount namespace of its own (setns, unshare)');
      refuse(task, tid, 'a working folder of its own (CLONE_FS)');
    }
    if (isOwn(task, tid, KCMP_FILES)) refuse(task, tid, 'a descriptor table of its own (CLONE_FILES)');
  }
}
