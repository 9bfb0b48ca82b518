// The kinds of images: magic, message types, payloads, and file names.
import type { MessageTypes } from './types.generated.js';

/** First word of images since format 1.1; the second word is the magic of the kind. */
export const IMG_COMMON = 0x54564319;
/** First word of images that are not part of the checkpoint itself. */
export const IMG_SERVICE = 0x55105940;
/** `img_version` of inventories of format 1.1. */
export const IMAGES_VERSION = 2;
/** `img_version` of checkpoints with compressed pages, also in their parents. */
export const PACKED_VERSION = 3;
/**
 * `img_version` of checkpoints with pages in a compression that no version of CRIU reads. CRIU refuses an unknown
 * version.
 */
export const OWN_PACKED_VERSION = 1003;
/** All versions of finished dumps that can be read. */
export const IMAGE_VERSIONS: readonly number[] = [1, IMAGES_VERSION, PACKED_VERSION, OWN_PACKED_VERSION];

/** How to compute the length of the payload of an entry; see payload.ts. */
export type PayloadRule = 'pipe' | 'packet' | 'tcp' | 'shm' | 'sem' | 'messages' | 'bpf' | 'ghost';

export interface KindInfo {
  readonly magic: number;
  /** Type of the entries; of only the first entry if `later` is present. */
  readonly type: keyof MessageTypes;
  readonly later?: keyof MessageTypes;
  readonly payload?: PayloadRule;
  /** First word of the file before the magic of the kind; default `common`. */
  readonly header?: 'none' | 'service';
  /** File names, with the id in the notation of printf(3). */
  readonly files: readonly string[];
}

export const kinds = {
  INVENTORY: { magic: 0x58313116, type: 'InventoryEntry', header: 'none', files: ['inventory.img'] },
  PSTREE: { magic: 0x50273030, type: 'PstreeEntry', files: ['pstree.img'] },
  FDINFO: { magic: 0x56213732, type: 'FdinfoEntry', files: ['fdinfo-%u.img'] },
  PAGEMAP: {
    magic: 0x56084025,
    type: 'PagemapHead',
    later: 'PagemapEntry',
    files: ['pagemap-%lu.img', 'pagemap-shmem-%lu.img'],
  },
  CORE: { magic: 0x55053847, type: 'CoreEntry', files: ['core-%u.img'] },
  IDS: { magic: 0x54432030, type: 'TaskKobjIdsEntry', files: ['ids-%u.img'] },
  VMAS: { magic: 0x54123737, type: 'VmaEntry', files: ['vmas-%u.img'] },
  PIPES: { magic: 0x56513555, type: 'PipeEntry', files: ['pipes.img'] },
  PIPES_DATA: { magic: 0x56453709, type: 'PipeDataEntry', payload: 'pipe', files: ['pipes-data.img'] },
  FIFO: { magic: 0x58364939, type: 'FifoEntry', files: ['fifo.img'] },
  FIFO_DATA: { magic: 0x59333054, type: 'PipeDataEntry', payload: 'pipe', files: ['fifo-data.img'] },
  SIGACT: { magic: 0x55344201, type: 'SaEntry', files: ['sigacts-%u.img'] },
  UNIXSK: { magic: 0x54373943, type: 'UnixSkEntry', files: ['unixsk.img'] },
  INETSK: { magic: 0x56443851, type: 'InetSkEntry', files: ['inetsk.img'] },
  PACKETSK: { magic: 0x60454618, type: 'PacketSockEntry', files: ['packetsk.img'] },
  ITIMERS: { magic: 0x57464056, type: 'ItimerEntry', files: ['itimers-%u.img'] },
  POSIX_TIMERS: { magic: 0x52603957, type: 'PosixTimerEntry', files: ['posix-timers-%u.img'] },
  SK_QUEUES: { magic: 0x56264026, type: 'SkPacketEntry', payload: 'packet', files: ['sk-queues.img'] },
  UTSNS: { magic: 0x54473203, type: 'UtsnsEntry', files: ['utsns-%u.img'] },
  CREDS: { magic: 0x54023547, type: 'CredsEntry', files: ['creds-%u.img'] },
  IPC_VAR: { magic: 0x53115007, type: 'IpcVarEntry', files: ['ipcns-var-%u.img'] },
  IPCNS_SHM: { magic: 0x46283044, type: 'IpcShmEntry', payload: 'shm', files: ['ipcns-shm-%u.img'] },
  IPCNS_MSG: { magic: 0x55453737, type: 'IpcMsgEntry', payload: 'messages', files: ['ipcns-msg-%u.img'] },
  IPCNS_SEM: { magic: 0x59573019, type: 'IpcSemEntry', payload: 'sem', files: ['ipcns-sem-%u.img'] },
  REG_FILES: { magic: 0x50363636, type: 'RegFileEntry', files: ['reg-files.img'] },
  EXT_FILES: { magic: 0x59255641, type: 'ExtFileEntry', files: ['ext-files.img'] },
  FS: { magic: 0x51403912, type: 'FsEntry', files: ['fs-%u.img'] },
  MM: { magic: 0x57492820, type: 'MmEntry', files: ['mm-%u.img'] },
  REMAP_FPATH: { magic: 0x59133954, type: 'RemapFilePathEntry', files: ['remap-fpath.img'] },
  GHOST_FILE: {
    magic: 0x52583605,
    type: 'GhostFileEntry',
    later: 'GhostChunkEntry',
    payload: 'ghost',
    files: ['ghost-file-%x.img'],
  },
  TCP_STREAM: { magic: 0x51465506, type: 'TcpStreamEntry', payload: 'tcp', files: ['tcp-stream-%x.img'] },
  EVENTFD_FILE: { magic: 0x44523722, type: 'EventfdFileEntry', files: ['eventfd.img'] },
  EVENTPOLL_FILE: { magic: 0x45023858, type: 'EventpollFileEntry', files: ['eventpoll.img'] },
  EVENTPOLL_TFD: { magic: 0x44433746, type: 'EventpollTfdEntry', files: ['eventpoll-tfd.img'] },
  SIGNALFD: { magic: 0x57323820, type: 'SignalfdEntry', files: ['signalfd.img'] },
  INOTIFY_FILE: { magic: 0x48424431, type: 'InotifyFileEntry', files: ['inotify.img'] },
  INOTIFY_WD: { magic: 0x54562009, type: 'InotifyWdEntry', files: ['inotify-wd.img'] },
  MNTS: { magic: 0x55563928, type: 'MntEntry', files: ['mountpoints-%u.img'] },
  NETDEV: { magic: 0x57373951, type: 'NetDeviceEntry', files: ['netdev-%u.img'] },
  NETNS: { magic: 0x55933752, type: 'NetnsEntry', files: ['netns-%u.img'] },
  TTY_FILES: { magic: 0x59433025, type: 'TtyFileEntry', files: ['tty.img'] },
  TTY_INFO: { magic: 0x59453036, type: 'TtyInfoEntry', files: ['tty-info.img'] },
  TTY_DATA: { magic: 0x59413026, type: 'TtyDataEntry', files: ['tty-data.img'] },
  FILE_LOCKS: { magic: 0x54323616, type: 'FileLockEntry', files: ['filelocks.img'] },
  RLIMIT: { magic: 0x57113925, type: 'RlimitEntry', files: ['rlimit-%u.img'] },
  FANOTIFY_FILE: { magic: 0x55096122, type: 'FanotifyFileEntry', files: ['fanotify.img'] },
  FANOTIFY_MARK: { magic: 0x56506035, type: 'FanotifyMarkEntry', files: ['fanotify-mark.img'] },
  SIGNAL: { magic: 0x59255647, type: 'SiginfoEntry', files: ['signal-s-%u.img', 'signal-p-%u.img'] },
  NETLINK_SK: { magic: 0x58005614, type: 'NetlinkSkEntry', files: ['netlinksk.img'] },
  NS_FILES: { magic: 0x61394011, type: 'NsFileEntry', files: ['ns-files.img'] },
  TUNFILE: { magic: 0x57143751, type: 'TunfileEntry', files: ['tunfile.img'] },
  CGROUP: { magic: 0x59383330, type: 'CgroupEntry', files: ['cgroup.img'] },
  TIMERFD: { magic: 0x50493712, type: 'TimerfdEntry', files: ['timerfd.img'] },
  CPUINFO: { magic: 0x61404013, type: 'CpuinfoEntry', files: ['cpuinfo.img'] },
  USERNS: { magic: 0x55474906, type: 'UsernsEntry', files: ['userns-%u.img'] },
  SECCOMP: { magic: 0x64413049, type: 'SeccompEntry', files: ['seccomp.img'] },
  BINFMT_MISC: {
    magic: 0x67343323,
    type: 'BinfmtMiscEntry',
    files: ['binfmt-misc-%u.img', 'binfmt-misc.img'],
  },
  AUTOFS: { magic: 0x49353943, type: 'AutofsEntry', files: ['autofs-%u.img'] },
  FILES: { magic: 0x56303138, type: 'FileEntry', files: ['files.img'] },
  MEMFD_INODE: { magic: 0x48453499, type: 'MemfdInodeEntry', files: ['memfd.img'] },
  TIMENS: { magic: 0x43114433, type: 'TimensEntry', files: ['timens-%u.img'] },
  PIDNS: { magic: 0x61157326, type: 'PidnsEntry', files: ['pidns-%u.img'] },
  BPFMAP_FILE: { magic: 0x57506142, type: 'BpfmapFileEntry', files: ['bpfmap-file.img'] },
  BPFMAP_DATA: { magic: 0x64324033, type: 'BpfmapDataEntry', payload: 'bpf', files: ['bpfmap-data.img'] },
  APPARMOR: { magic: 0x59423047, type: 'ApparmorEntry', files: ['apparmor.img'] },
  PIDFD: { magic: 0x54435556, type: 'PidfdEntry', files: ['pidfd.img'] },
  STATS: { magic: 0x57093306, type: 'StatsEntry', header: 'service', files: ['stats-%s'] },
  IRMAP_CACHE: { magic: 0x57004059, type: 'IrmapCacheEntry', header: 'service', files: ['irmap-cache'] },
} as const satisfies Record<string, KindInfo>;

export type ImageKind = keyof typeof kinds;

type TypesOf<K extends ImageKind> =
  | (typeof kinds)[K]['type']
  | ((typeof kinds)[K] extends { readonly later: infer L } ? L : never);

/** The message type of the entries by kind. GHOST_FILE and PAGEMAP have another type for the first entry. */
export type ImageMessages = { [K in ImageKind]: MessageTypes[TypesOf<K> & keyof MessageTypes] };

export const imageKinds = Object.keys(kinds) as ImageKind[];

export function kindInfo(kind: ImageKind): KindInfo {
  return kinds[kind];
}

const byMagic = new Map<number, ImageKind>(imageKinds.map((kind) => [kinds[kind].magic, kind]));

export function kindOfMagic(magic: number): ImageKind | undefined {
  return byMagic.get(magic);
}

/** Files of an images directory without entries: page contents, and output of `ip`, `iptables`, `nft` and `tar`. */
export const rawFiles: readonly string[] = [
  'ifaddr-%u.img',
  'route-%u.img',
  'route6-%u.img',
  'rule-%u.img',
  'iptables-%u.img',
  'ip6tables-%u.img',
  'nftables-%u.img',
  'tmpfs-%u.tar.gz',
  'tmpfs-dev-%u.tar.gz',
  'pages-%u.img',
  'pages-%d.img',
  'pages-shmem-%ld.img',
  'netns-ct-%u.img',
  'netns-exp-%u.img',
];
