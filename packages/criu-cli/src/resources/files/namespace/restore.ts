// An open file of /proc/PID/ns: that of a task which is in the namespace.
import { FdTypes, type TaskKobjIdsEntry } from '../../../engine/image-types.js';
import { CriuError } from '../../../errors.js';
import { AT_FDCWD, moveTo, O_ACCMODE } from '../common.js';
import type { FileKindRestore } from '../restore.js';

/** Name in /proc and number in the ids of a task, by CLONE_NEW*. */
const NAMES: Readonly<Record<number, readonly [string, (ids: TaskKobjIdsEntry) => number | undefined]>> = {
  [0x20000]: ['mnt', (ids) => ids.mnt_ns_id],
  [0x4000000]: ['uts', (ids) => ids.uts_ns_id],
  [0x8000000]: ['ipc', (ids) => ids.ipc_ns_id],
  [0x10000000]: ['user', (ids) => ids.user_ns_id],
  [0x20000000]: ['pid', (ids) => ids.pid_ns_id],
  [0x40000000]: ['net', (ids) => ids.net_ns_id],
  [0x2000000]: ['cgroup', (ids) => ids.cgroup_ns_id],
  [0x80]: ['time', (ids) => ids.time_ns_id],
};

export const namespaceRestore: FileKindRestore = {
  name: 'namespace',
  type: FdTypes.NS,
  make({ ctx, plan, temp }, [entry]) {
    const { id, ns_id, ns_cflag, flags } = entry!.nsf!;
    const known = NAMES[ns_cflag];
    const member = ctx.tasks.find(({ task }) => task.ids && known?.[1](task.ids) === ns_id);
    if (!known || !member)
      throw new CriuError('UNSUPPORTED', `file id ${id} is a namespace that no task is in`, {
        file: 'files.img',
      });
    const p = plan.program('files');
    const path = `/proc/${member.pid}/ns/${known[0]}`;
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), flags & O_ACCMODE], { label: `open ${path}` });
    moveTo(p, fd, temp(id));
  },
};
