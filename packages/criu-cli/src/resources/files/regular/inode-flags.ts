// Attributes of a file or folder as chattr(1) sets them (ioctl_iflags(2)). Not every file system has them.
import { SysError, sysRaw } from '@criu/native';
import { EINVAL, ENOSYS, ENOTTY, EOPNOTSUPP, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS } from '@criu/native/uapi';

/** Those that users set: secrm, unrm, compr, sync, nodump, noatime, notail, dirsync, nocow. */
const KEPT = 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x8000 | 0x10000 | 0x800000;
/** Immutable and append-only. Nobody can delete such a file, but a deleted one can be made such. */
export const LOCKED = 0x10 | 0x20;

/** All that the file system has; undefined if it has none. @throws SysError */
function read(fd: number): number | undefined {
  const word = new Uint32Array(2);
  const result = sysRaw('ioctl', fd, FS_IOC_GETFLAGS, word);
  if (result === 0) return word[0];
  if ([ENOTTY, EINVAL, EOPNOTSUPP, ENOSYS].includes(-result)) return undefined;
  throw new SysError('ioctl', -result, 'FS_IOC_GETFLAGS');
}

/** Undefined where there are none. @throws SysError */
export function readInodeFlags(fd: number): number | undefined {
  const flags = read(fd);
  return flags === undefined ? undefined : (flags & (KEPT | LOCKED)) >>> 0;
}

/** Before there is content: some hold for what is written from then on. @throws SysError */
export function writeInodeFlags(fd: number, flags: number): void {
  const now = read(fd) ?? 0;
  if ((now & KEPT) >>> 0 === flags) return;
  // The others say how the file is kept on the disk, which is the file system's own business.
  const word = new Uint32Array([((now & ~KEPT) | flags) >>> 0, 0]);
  const result = sysRaw('ioctl', fd, FS_IOC_SETFLAGS, word);
  if (result < 0) throw new SysError('ioctl', -result, `attributes 0x${flags.toString(16)} (chattr)`);
}
