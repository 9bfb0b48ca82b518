// Opens namespace files: through a task in the namespace, or for a network namespace through its slot.

import { AT_FDCWD, O_ACCMODE } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import { CLONE_NEW, NAMESPACES, namespaceId } from '../../../proc/namespaces.js';
import { otherNetwork } from '../../../views/planned-networks.js';
import { moveTo } from '../common.js';
import type { FileRestore } from '../kind.js';

export const namespaceRestore: FileRestore<'nsf'> = {
  make({ ctx, plan, temp }, [entry]) {
    const { id, ns_id, ns_cflag, flags } = entry.nsf;
    const name = NAMESPACES.find((kind) => CLONE_NEW[kind] === ns_cflag);
    const ids = plan.task.ids;
    const network = name === 'net' ? otherNetwork(ctx, plan, ns_id) : undefined;
    if (network) {
      plan.take('files', network, temp(id));
      return;
    }
    if (!name || !ids || namespaceId(ids, name) !== ns_id)
      throw new CriuError('UNSUPPORTED', `file id ${id} is a namespace that task ${plan.pid} is not in`, {
        pid: plan.pid,
        file: 'files.img',
      });
    const p = plan.program('files');
    const path = `/proc/self/ns/${name}`;
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), flags & O_ACCMODE], { label: `open ${path}` });
    moveTo(p, fd, temp(id));
  },
};
