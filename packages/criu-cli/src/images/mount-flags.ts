// Flags of mounts and superblocks as images have them: MS_* of mount(2).
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_DIRSYNC,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_RELATIME,
  MS_SYNCHRONOUS,
} from '@criu/native/uapi';

/** The flags of a mount, by their names in mountinfo. */
export const MOUNT_OPTIONS: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
  noatime: MS_NOATIME,
  nodiratime: MS_NODIRATIME,
  relatime: MS_RELATIME,
  nosymfollow: MS_NOSYMFOLLOW,
};

/** The flags of a superblock, by their names in mountinfo; other words are options of the file system. */
export const SUPER_OPTIONS: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  sync: MS_SYNCHRONOUS,
  dirsync: MS_DIRSYNC,
  mand: MS_MANDLOCK,
  lazytime: MS_LAZYTIME,
};

/** MOUNT_ATTR_* of mount_setattr(2) (linux/mount.h) for each mount flag. */
const MOUNT_ATTR: readonly (readonly [flag: number, attribute: number])[] = [
  [MS_RDONLY, MOUNT_ATTR_RDONLY],
  [MS_NOSUID, MOUNT_ATTR_NOSUID],
  [MS_NODEV, MOUNT_ATTR_NODEV],
  [MS_NOEXEC, MOUNT_ATTR_NOEXEC],
  [MS_NODIRATIME, MOUNT_ATTR_NODIRATIME],
  [MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW],
];

/** `attr_set` and `attr_clr` of struct mount_attr that give a mount exactly these flags. */
export function attributesOf(flags: number): { set: number; clear: number } {
  let set = flags & MS_NOATIME ? MOUNT_ATTR_NOATIME : flags & MS_RELATIME ? 0 : MOUNT_ATTR_STRICTATIME;
  let clear = MOUNT_ATTR__ATIME;
  for (const [flag, attribute] of MOUNT_ATTR) {
    if (flags & flag) set |= attribute;
    else clear |= attribute;
  }
  return { set, clear };
}
