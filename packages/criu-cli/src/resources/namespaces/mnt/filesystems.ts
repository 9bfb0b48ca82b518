// The file systems that can be made anew, by CRIU's numbers for them in `mnt_entry.fstype`.

/** enum fstype of mnt.proto. */
export const FsType = {
  UNSUPPORTED: 0,
  PROC: 1,
  SYSFS: 2,
  DEVTMPFS: 3,
  BINFMT_MISC: 4,
  TMPFS: 5,
  DEVPTS: 6,
  SIMFS: 7,
  PSTORE: 8,
  SECURITYFS: 9,
  FUSECTL: 10,
  DEBUGFS: 11,
  CGROUP: 12,
  AUFS: 13,
  MQUEUE: 14,
  FUSE: 15,
  AUTO: 16,
  OVERLAYFS: 17,
  AUTOFS: 18,
  TRACEFS: 19,
  CGROUP2: 23,
} as const;

/** The kernel's name of the file system of huge pages. */
export const HUGETLBFS = 'hugetlbfs';

export interface FileSystem {
  /** Number in images. */
  readonly code: number;
  /** The kernel's name of it. */
  readonly name: string;
  /** Its files are in an image of its own (`tmpfs-dev-DEV.tar.gz.img`). */
  readonly archived?: boolean;
  /** As `archived`, if there are any; but nobody can write its files but whoever maps them. */
  readonly mapped?: boolean;
  /** Words of mountinfo that fsconfig(2) would not take, since nobody can set them. */
  readonly shown?: readonly string[];
}

/** In CRIU's order; the first match by name counts. */
export const FILE_SYSTEMS: readonly FileSystem[] = [
  { code: FsType.PROC, name: 'proc' },
  { code: FsType.SYSFS, name: 'sysfs' },
  { code: FsType.DEVTMPFS, name: 'devtmpfs' },
  { code: FsType.BINFMT_MISC, name: 'binfmt_misc' },
  { code: FsType.TMPFS, name: 'tmpfs', archived: true },
  { code: FsType.DEVPTS, name: 'devpts', shown: ['newinstance'] },
  { code: FsType.SIMFS, name: 'simfs' },
  { code: FsType.PSTORE, name: 'pstore' },
  { code: FsType.MQUEUE, name: 'mqueue' },
  { code: FsType.SECURITYFS, name: 'securityfs' },
  { code: FsType.FUSECTL, name: 'fusectl' },
  { code: FsType.DEBUGFS, name: 'debugfs' },
  { code: FsType.TRACEFS, name: 'tracefs' },
  { code: FsType.CGROUP, name: 'cgroup' },
  { code: FsType.CGROUP2, name: 'cgroup2' },
  { code: FsType.AUFS, name: 'aufs' },
  { code: FsType.FUSE, name: 'fuse' },
  { code: FsType.OVERLAYFS, name: 'overlay' },
  { code: FsType.AUTOFS, name: 'autofs' },
  // Of those that CRIU knows by their names alone.
  { code: FsType.AUTO, name: HUGETLBFS, mapped: true },
];

export function fileSystemOf(code: number): FileSystem | undefined {
  return FILE_SYSTEMS.find((fs) => fs.code === code && code !== FsType.AUTO);
}
