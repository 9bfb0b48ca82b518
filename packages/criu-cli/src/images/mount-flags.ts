// Flags of mounts and superblocks as images have them: MS_* of mount(2).
import { MOUNT_ATTR_RDONLY } from '@criu/native/uapi';

export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  SYNCHRONOUS: 16,
  MANDLOCK: 64,
  DIRSYNC: 128,
  NOSYMFOLLOW: 256,
  NOATIME: 1024,
  NODIRATIME: 2048,
  REC: 16384,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
  LAZYTIME: 1 << 25,
} as const;

/** The flags of a mount, by their names in mountinfo. */
export const MOUNT_OPTIONS: Readonly<Record<string, number>> = {
  ro: MS.RDONLY,
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  noatime: MS.NOATIME,
  nodiratime: MS.NODIRATIME,
  relatime: MS.RELATIME,
  nosymfollow: MS.NOSYMFOLLOW,
};

/** The flags of a superblock, by their names in mountinfo; other words are options of the file system. */
export const SUPER_OPTIONS: Readonly<Record<string, number>> = {
  ro: MS.RDONLY,
  sync: MS.SYNCHRONOUS,
  dirsync: MS.DIRSYNC,
  mand: MS.MANDLOCK,
  lazytime: MS.LAZYTIME,
};

/** MOUNT_ATTR_* of mount_setattr(2) (linux/mount.h) for each mount flag. */
const MOUNT_ATTR: readonly (readonly [flag: number, attribute: number])[] = [
  [MS.RDONLY, MOUNT_ATTR_RDONLY],
  [MS.NOSUID, 0x2],
  [MS.NODEV, 0x4],
  [MS.NOEXEC, 0x8],
  [MS.NODIRATIME, 0x80],
  [MS.NOSYMFOLLOW, 0x200000],
];
/** MOUNT_ATTR__ATIME, the mask of the atime modes; RELATIME is 0. */
const ATTR_ATIME = 0x70;
const ATTR_NOATIME = 0x10;
const ATTR_STRICTATIME = 0x20;

/** `attr_set` and `attr_clr` of struct mount_attr that give a mount exactly these flags. */
export function attributesOf(flags: number): { set: number; clear: number } {
  let set = flags & MS.NOATIME ? ATTR_NOATIME : flags & MS.RELATIME ? 0 : ATTR_STRICTATIME;
  let clear = ATTR_ATIME;
  for (const [flag, attribute] of MOUNT_ATTR) {
    if (flags & flag) set |= attribute;
    else clear |= attribute;
  }
  return { set, clear };
}
