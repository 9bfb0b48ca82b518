// An open file of /proc/PID/ns: that of a task which is in the namespace.

import { CriuError } from '../../../errors.js';
import { CLONE_NEW, NAMESPACES, namespaceId } from '../../../proc/namespaces.js';
import { AT_FDCWD, moveTo, O_ACCMODE } from '../common.js';
import type { FileRestore } from '../kind.js';

export const namespaceRestore: FileRestore<'nsf'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { id, ns_id, ns_cflag, flags } = entry.nsf;
    const name = NAMESPACES.find((kind) => CLONE_NEW[kind] === ns_cflag);
    const member = name && ctx.tasks.find(({ task }) => task.ids && namespaceId(task.ids, name) === ns_id);
    if (!member)
      throw new CriuError('UNSUPPORTED', `file id ${id} is a namespace that no task is in`, {
        file: 'files.img',
      });
    const p = plan.program('files');
    // All tasks are in the same ones.
    const path = `/proc/self/ns/${name}`;
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), flags & O_ACCMODE], { label: `open ${path}` });
    moveTo(p, fd, temp(id));
  },
};
