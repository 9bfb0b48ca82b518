import { CriuError } from '../../../errors.js';
import { readNsLinks } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { namespaceNumber } from '../../../views/numbers.js';
import type { FileDump } from '../kind.js';

/** CLONE_NEW* by the type in the link. */
const CLONE_FLAGS: Readonly<Record<string, number>> = CLONE_NEW;

export const namespaceDump: FileDump = {
  matches: (file) => file.target.kind === 'inode' && CLONE_FLAGS[file.target.type] !== undefined,
  dump(ctx, task, file, id) {
    const { target } = file;
    if (target.kind !== 'inode')
      throw new CriuError('INTERNAL', 'not a namespace', { pid: file.pid, fd: file.fd });
    const known = Object.values(readNsLinks(task.pid)).some((link) => link.inode === target.ino);
    if (!known)
      throw new CriuError('UNSUPPORTED', `it has ${file.link} open, which no dumped task is in`, {
        pid: file.pid,
        fd: file.fd,
      });
    const ns_id = namespaceNumber(ctx, target.type, target.ino);
    return { nsf: { id, ns_id, ns_cflag: CLONE_FLAGS[target.type]!, flags: file.flags } };
  },
};
