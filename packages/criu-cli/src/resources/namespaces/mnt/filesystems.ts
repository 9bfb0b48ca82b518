// The file systems that can be created anew, with CRIU's numbers in `mnt_entry.fstype`.

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

/** Name of the file system of huge pages. */
export const HUGETLBFS = 'hugetlbfs';

export interface FileSystem {
  /** Number in images. */
  readonly code: number;
  /** Name of the file system in the kernel. */
  readonly name: string;
  /** Its files are stored in an archive (`tmpfs-dev-DEV.tar.gz.img`). */
  readonly archived?: boolean;
  /** Like `archived`, but only if there are files; these can only be written through mappings. */
  readonly mapped?: boolean;
  /** It is restored empty, and refused with other files than these, which the kernel makes. */
  readonly bare?: readonly string[];
  /** Options of mountinfo that fsconfig(2) does not accept, since they cannot be set. */
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
  // File systems that images identify by name.
  { code: FsType.AUTO, name: HUGETLBFS, mapped: true },
  { code: FsType.AUTO, name: 'bpf', bare: ['maps.debug', 'progs.debug'] },
];

export function fileSystemOf(code: number): FileSystem | undefined {
  return FILE_SYSTEMS.find((fs) => fs.code === code && code !== FsType.AUTO);
}
