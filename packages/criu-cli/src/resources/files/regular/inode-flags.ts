// Inode flags of a file or folder, as set by chattr(1) (ioctl_iflags(2)). Not every file system supports them.
import { SysError, sysRaw } from '@criu/native';
import { EINVAL, ENOSYS, ENOTTY, EOPNOTSUPP, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS } from '@criu/native/uapi';

/** The flags that users set: secrm, unrm, compr, sync, nodump, noatime, notail, dirsync, nocow. */
const KEPT = 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x8000 | 0x10000 | 0x800000;
/** Immutable and append-only. A file with them cannot be deleted, but a deleted file can get them. */
export const LOCKED = 0x10 | 0x20;
/** The flags that are dumped. */
export const DUMPED = KEPT | LOCKED;

/** All flags of a file; undefined if the file system does not support them. @throws SysError */
function read(fd: number): number | undefined {
  const word = new Uint32Array(2);
  const result = sysRaw('ioctl', fd, FS_IOC_GETFLAGS, word);
  if (result === 0) return word[0];
  if ([ENOTTY, EINVAL, EOPNOTSUPP, ENOSYS].includes(-result)) return undefined;
  throw new SysError('ioctl', -result, 'FS_IOC_GETFLAGS');
}

/** The flags that are dumped; undefined if the file system does not support them. @throws SysError */
export function readInodeFlags(fd: number): number | undefined {
  const flags = read(fd);
  return flags === undefined ? undefined : (flags & DUMPED) >>> 0;
}

/** Sets flags; called before contents are written, since some apply only to later writes. @throws SysError */
export function writeInodeFlags(fd: number, flags: number): void {
  const now = read(fd) ?? 0;
  if ((now & KEPT) >>> 0 === flags) return;
  // The other flags describe the storage on disk and belong to the file system.
  const word = new Uint32Array([((now & ~KEPT) | flags) >>> 0, 0]);
  const result = sysRaw('ioctl', fd, FS_IOC_SETFLAGS, word);
  if (result < 0) throw new SysError('ioctl', -result, `attributes 0x${flags.toString(16)} (chattr)`);
}
