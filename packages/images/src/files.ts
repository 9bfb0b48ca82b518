// The table of open files, in the layouts of all versions of CRIU.
import type { ImageKind, ImageMessages } from './kinds.js';
import type { ImageSet } from './set.js';
import { FdTypes, type FileEntry } from './types.generated.js';

type FileField = Exclude<keyof FileEntry, 'type' | 'id'>;

/** For each type of open file its field in `file_entry`, and the image in which CRIU before 3.0 stored it. */
export const fileTypes: readonly { type: number; field: FileField; kind?: ImageKind }[] = [
  { type: FdTypes.REG, field: 'reg', kind: 'REG_FILES' },
  { type: FdTypes.INETSK, field: 'isk', kind: 'INETSK' },
  { type: FdTypes.NS, field: 'nsf', kind: 'NS_FILES' },
  { type: FdTypes.PACKETSK, field: 'psk', kind: 'PACKETSK' },
  { type: FdTypes.NETLINKSK, field: 'nlsk', kind: 'NETLINK_SK' },
  { type: FdTypes.EVENTFD, field: 'efd', kind: 'EVENTFD_FILE' },
  { type: FdTypes.EVENTPOLL, field: 'epfd', kind: 'EVENTPOLL_FILE' },
  { type: FdTypes.SIGNALFD, field: 'sgfd', kind: 'SIGNALFD' },
  { type: FdTypes.TUNF, field: 'tunf', kind: 'TUNFILE' },
  { type: FdTypes.TIMERFD, field: 'tfd', kind: 'TIMERFD' },
  { type: FdTypes.INOTIFY, field: 'ify', kind: 'INOTIFY_FILE' },
  { type: FdTypes.FANOTIFY, field: 'ffy', kind: 'FANOTIFY_FILE' },
  { type: FdTypes.EXT, field: 'ext', kind: 'EXT_FILES' },
  { type: FdTypes.UNIXSK, field: 'usk', kind: 'UNIXSK' },
  { type: FdTypes.FIFO, field: 'fifo', kind: 'FIFO' },
  { type: FdTypes.PIPE, field: 'pipe', kind: 'PIPES' },
  { type: FdTypes.TTY, field: 'tty', kind: 'TTY_FILES' },
  { type: FdTypes.MEMFD, field: 'memfd' },
  { type: FdTypes.BPFMAP, field: 'bpf', kind: 'BPFMAP_FILE' },
  { type: FdTypes.PIDFD, field: 'pidfd', kind: 'PIDFD' },
];

function* entriesOf(set: ImageSet): Generator<FileEntry> {
  for (const { type, field, kind } of fileTypes) {
    if (kind === undefined || !set.has(kind)) continue;
    for (const entry of set.entries(kind) as (ImageMessages[ImageKind] & { id: number })[])
      yield { type, id: entry.id, [field]: entry };
  }
  if (set.has('FILES')) yield* set.entries('FILES');
}

export interface FileTable {
  readonly files: ReadonlyMap<number, FileEntry>;
  /** Ids of more than one file; the table has the last of them. */
  readonly twice: readonly number[];
}

/** All open files of a checkpoint. @throws ImageError */
export function collectFiles(set: ImageSet): FileTable {
  const files = new Map<number, FileEntry>();
  const twice: number[] = [];
  for (const entry of entriesOf(set)) {
    const { id, type } = entry;
    const before = files.get(id);
    // A tun file and its path have the same id: two entries for one file.
    const tunf = entry.tunf ?? before?.tunf;
    const reg = entry.reg ?? before?.reg;
    const isTun = tunf !== undefined && reg !== undefined;
    if (before && (!isTun || before.type === type)) twice.push(id);
    files.set(id, isTun ? { ...entry, type: FdTypes.TUNF, tunf, reg } : entry);
  }
  return { files, twice };
}
