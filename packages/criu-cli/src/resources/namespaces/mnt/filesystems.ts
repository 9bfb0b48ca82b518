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
  /**
   * Who may mount it in a user namespace: only tasks with a namespace of this kind that belongs to the user namespace; none of a
   * file system of which the machine has one. Others may show it all the same.
   */
  readonly belongsTo?: 'machine' | 'pid' | 'net' | 'ipc' | 'cgroup';
  /** Options of mountinfo that fsconfig(2) does not accept, since they cannot be set. */
  readonly shown?: readonly string[];
}

/** In CRIU's order; the first match by name counts. */
export const FILE_SYSTEMS: readonly FileSystem[] = [
  { code: FsType.PROC, name: 'proc', belongsTo: 'pid' },
  { code: FsType.SYSFS, name: 'sysfs', belongsTo: 'net' },
  { code: FsType.DEVTMPFS, name: 'devtmpfs', belongsTo: 'machine' },
  { code: FsType.BINFMT_MISC, name: 'binfmt_misc' },
  { code: FsType.TMPFS, name: 'tmpfs', archived: true },
  { code: FsType.DEVPTS, name: 'devpts', shown: ['newinstance'] },
  { code: FsType.SIMFS, name: 'simfs' },
  { code: FsType.PSTORE, name: 'pstore', belongsTo: 'machine' },
  { code: FsType.MQUEUE, name: 'mqueue', belongsTo: 'ipc' },
  { code: FsType.SECURITYFS, name: 'securityfs', belongsTo: 'machine' },
  { code: FsType.FUSECTL, name: 'fusectl', belongsTo: 'machine' },
  { code: FsType.DEBUGFS, name: 'debugfs', belongsTo: 'machine' },
  { code: FsType.TRACEFS, name: 'tracefs', belongsTo: 'machine' },
  { code: FsType.CGROUP, name: 'cgroup' },
  { code: FsType.CGROUP2, name: 'cgroup2', belongsTo: 'cgroup' },
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
