import { sysRaw } from '@criu/native';
import { O_RDWR, PIDFD_THREAD } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { FileDump } from '../kind.js';
import { FsMagic } from '../open-file.js';

/** ioctl(2) with struct pidfd_info (<linux/pidfd.h>, Linux 6.13), and what is asked: how the process has ended (Linux 6.15). */
const PIDFD_GET_INFO = 0xc040ff0b;
const PIDFD_INFO_EXIT = 8n;
const INFO = { sizeof: 64, mask: 0, exit_code: 60 } as const;

/** How a process has ended that was waited for; undefined if the kernel does not tell. */
function exitStatus(fd: number): number | undefined {
  const info = Buffer.alloc(INFO.sizeof);
  info.writeBigUInt64LE(PIDFD_INFO_EXIT, INFO.mask);
  if (sysRaw('ioctl', fd, PIDFD_GET_INFO, info) < 0) return undefined;
  return info.readBigUInt64LE(INFO.mask) & PIDFD_INFO_EXIT ? info.readUInt32LE(INFO.exit_code) : undefined;
}

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
    const status = info.pid === -1 ? exitStatus(file.local) : undefined;
    return {
      pidfd: {
        id,
        ino: Number((file.info.ino ?? file.stat.ino) & 0xffffffffn),
        flags: file.flags & ~O_RDWR,
        nspid: info.nsPid.at(-1) ?? info.pid,
        fown: file.fown,
        ...(status === undefined ? {} : { exit_status: status }),
      },
    };
  },
};
