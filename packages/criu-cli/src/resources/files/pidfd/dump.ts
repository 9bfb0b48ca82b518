import { O_RDWR, PIDFD_THREAD } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';
import { FsMagic } from '../open-file.js';

export const pidfdDump: FileDump = {
  matches: (file) =>
    file.fsType === FsMagic.PIDFS || (file.target.kind === 'anon' && file.target.name === 'pidfd'),
  dump(ctx, _task, file, id) {
    const about = { pid: file.pid, fd: file.fd };
    const info = file.info.pidfd;
    if (!info) throw new CriuError('INTERNAL', 'fdinfo has no pid', about);
    if (file.flags & PIDFD_THREAD)
      throw new CriuError(
        'UNSUPPORTED',
        'a pidfd of a thread (PIDFD_THREAD)',
        about,
        'close it before the dump',
      );
    if (info.pid !== -1 && !ctx.tasks.some((task) => task.pid === info.pid))
      throw new CriuError('UNSUPPORTED', `a pidfd of process ${info.pid}, which is not dumped`, about);
    return {
      pidfd: {
        id,
        ino: Number((file.info.ino ?? file.stat.ino) & 0xffffffffn),
        flags: file.flags & ~O_RDWR,
        nspid: info.nsPid.at(-1) ?? info.pid,
        fown: file.fown,
      },
    };
  },
};
