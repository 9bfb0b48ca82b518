// What the engine can be asked for. The command line, configuration files and RPC are turned into these.
import type { Logger } from './log.js';
import type { NotifyListener } from './notify.js';

export type DumpPhase = 'freeze' | 'collect' | 'describe' | 'write' | 'release';
export type RestorePhase = 'read' | 'validate' | 'plan' | 'execute' | 'commit';

/** Progress of long work: `done` of `total` in the unit of the phase (bytes for memory, else steps). */
export interface ProgressEvent {
  readonly phase: DumpPhase | RestorePhase;
  readonly message: string;
  /** Of what is counted, bytes of memory. */
  readonly done?: number;
  readonly total?: number;
  /** Bytes each second, and the seconds that the rest takes at that rate. */
  readonly rate?: number;
  readonly remaining?: number;
}

/** `skip`: the caller holds the network itself. */
export type NetworkLock = 'nftables' | 'iptables' | 'skip';

/**
 * What of a processor has to fit:
 * - `fpu`: the state of floating point and vector registers
 * - `ins`: the instructions that programs may use
 * - `cpu`: all features are the same
 */
export type CpuClass = 'fpu' | 'ins' | 'cpu';

export interface CommonOptions {
  /** Directory of the image files (`-D`). */
  readonly imagesDir: string;
  /** Directory of logs, pid files and statistics (`-W`); the images directory unless given. */
  readonly workDir?: string;
  /**
   * How pages images are written and read (`--image-io-mode`), writeback unless given. Direct: past the page cache
   * (O_DIRECT), where their file system can and pages are not packed. The images are the same.
   */
  readonly imageIoMode?: 'writeback' | 'direct';
  readonly log?: Logger;
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * Told of every stage, as action scripts are; what it throws ends the operation where that is still possible. Tasks
   * stand still meanwhile, so that none of them can be the one that answers.
   */
  readonly notify?: NotifyListener | readonly NotifyListener[];
  /** Rolls back what was begun and rejects with code ABORTED. */
  readonly signal?: AbortSignal;
  /** The task shares its terminal and session with its caller (`-j`). */
  readonly shellJob?: boolean;
  /**
   * Whoever asks takes care of the other side of a terminal that is not dumped: a restore gives its master to listeners (RPC
   * only).
   */
  readonly orphanPtsMaster?: boolean;
  /** What is done with cgroups (`--manage-cgroups`): ignore, none, props, soft, full, strict; soft unless given. */
  readonly manageCgroups?: string;
  /** Other places for the groups, `[CONTROLLER:]/PATH` (`--cgroup-root`). */
  readonly cgroupRoots?: readonly string[];
  /** Directory with a folder for each hierarchy of cgroups, mounted (`--cgroup-yard`). */
  readonly cgroupYard?: string;
  /**
   * A dump writes down what the processor can do, and a restore compares it in these respects with this machine before anything
   * is made (`--cpu-cap`). Neither if empty or absent.
   */
  readonly cpuCap?: readonly CpuClass[];
  /**
   * Directory of plugins (`--libdir`): all `.so`, `.js` and `.mjs` files in it. Unless given, that of the environment's
   * CRIU_LIBS_DIR, else /usr/lib/criu if it is there.
   */
  readonly libdir?: string;
  /** More plugins, by path or by name of package (`--plugin`). */
  readonly plugins?: readonly string[];
  /** Seconds that a hook of a plugin may take (`--plugin-timeout`), 60 unless given. */
  readonly pluginTimeout?: number;
  /** It is not root who asks: what takes more than its capabilities is refused, and cgroups are left as they are (`--unprivileged`). */
  readonly unprivileged?: boolean;
  /** Names of fault points that fail when they are reached; for tests. */
  readonly faults?: readonly string[];
}

/** A page server, or where to be one. */
export interface PageServerOptions {
  /** Name or address (`--address`). */
  readonly address?: string;
  readonly port?: number;
  /** A connected socket instead (`--ps-socket`). */
  readonly socket?: number;
  /** Seconds that the server may not move while tasks wait for it, 30 unless given. */
  readonly patience?: number;
}

export interface DumpOptions extends CommonOptions {
  /** Root of the process tree (`-t`). */
  readonly pid: number;
  /** Tasks run on after the dump (`-R`). */
  readonly leaveRunning?: boolean;
  /** Tasks that run on stand still only until their memory is held, not until it is written (`--live`). */
  readonly live?: boolean;
  /** Tasks stay stopped after the dump (`-s`). */
  readonly leaveStopped?: boolean;
  /**
   * Seconds until the dump is given up and rolled back, whatever it waits for (`--timeout`). None unless given, but a
   * freeze that takes 10.
   */
  readonly timeout?: number;
  /** Largest deleted file kept in the images, in bytes (`--ghost-limit`), 1 MiB unless given. */
  readonly ghostLimit?: number;
  /** Directory of the previous dump, relative to the images directory (`--prev-images-dir`). */
  readonly prevImagesDir?: string;
  /** The kernel is to note which pages change from this dump on (`--track-mem`), if it can. */
  readonly trackMem?: boolean;
  /** The room of pages in earlier dumps that this one has anew is freed (`--auto-dedup`). */
  readonly autoDedup?: boolean;
  /**
   * Pages are packed, each by itself (`--compress`): by LZ4, as the next version of CRIU does, or by zstd. Versions that read
   * images up to version 2 only cannot restore them.
   */
  readonly compress?: boolean | 'lz4' | 'zstd';
  /** Pages are packed by so many bytes, whole pages up to 4 MiB (`--compress-region`). */
  readonly compressRegion?: number;
  /** From 1 up, 1 unless given: the higher, the faster and the larger (`--compress-acceleration`). */
  readonly compressAcceleration?: number;
  /** Pages go there instead of into the images directory (`--page-server`). */
  readonly pageServer?: PageServerOptions;
  /** Memory that can come later is kept for a `criu lazy-pages`, which fetches it before the tasks go (`--lazy-pages`). */
  readonly lazyPages?: boolean;
  /** Where that one connects. */
  readonly lazyServer?: PageServerOptions;
  /** Told the port there, when it can. */
  readonly onLazyServer?: (port: number) => void | Promise<void>;
  /** How a pre-dump is said to read memory (`--pre-dump-mode`); it is read while tasks run in both. */
  readonly preDumpMode?: 'splice' | 'read';
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  /** How packets of connections are held from the dump to the restore (`--network-lock`), nftables unless given. */
  readonly networkLock?: NetworkLock;
  /** Connections that wait to be accepted are left out (`--skip-in-flight`). */
  readonly skipInFlight?: boolean;
  readonly fileLocks?: boolean;
  readonly linkRemap?: boolean;
  /** A device whose own name leads to another node with the same numbers is opened by that one (`--evasive-devices`). */
  readonly evasiveDevices?: boolean;
  /** A watched file that its handle gives no path of has to be found by looking for it (`--force-irmap`). */
  readonly forceIrmap?: boolean;
  /** Folders in which it is looked for, before the usual ones (`--irmap-scan-path`). */
  readonly irmapScanPaths?: readonly string[];
  /** Holes of deleted files are those that the map of their extents has (`--ghost-fiemap`). */
  readonly ghostFiemap?: boolean;
  /** Tasks may have met probes in their code (`--allow-uprobes`), which is then asked for on restore too. */
  readonly allowUprobes?: boolean;
  readonly extUnixSk?: boolean;
  /** `--external` values. */
  readonly external?: readonly string[];
  /** Namespaces that are kept without what is in them, `net` only (`--empty-ns`). */
  readonly emptyNamespaces?: readonly string[];
  /** Mount points whose mounts are left out (`--skip-mnt`). */
  readonly skipMounts?: readonly string[];
  /** File systems that are mounted again as they are, or `all` (`--enable-fs`). */
  readonly enableFs?: readonly string[];
  /** Properties of cgroups to keep beside the known ones: text (`--cgroup-props`) or file (`--cgroup-props-file`). */
  readonly cgroupProps?: string;
  readonly cgroupPropsFile?: string;
  /** Hierarchies that are kept, as /proc/PID/cgroup names them; all unless given (`--cgroup-dump-controller`). */
  readonly cgroupDumpControllers?: readonly string[];
  readonly freezeCgroup?: string;
  /** Inode of our end of the socket by which a dumped task has asked for this dump: it finds the answer there when restored. */
  readonly serviceSocket?: number;
}

export interface RestoreOptions extends CommonOptions {
  /** Return when the tasks run instead of waiting for the root task's end (`-d`). */
  readonly detached?: boolean;
  /** Seconds until the restore is given up and rolled back (`--timeout`); none unless given. */
  readonly timeout?: number;
  /** Restored root is a sibling of the caller (`-S`). */
  readonly sibling?: boolean;
  /** File that gets the root's pid (`--pidfile`). */
  readonly pidfile?: string;
  /** Tasks stay stopped (`-s`). */
  readonly leaveStopped?: boolean;
  /** Tasks run before their memory is there: it comes from the images when it is needed, and in the background (`--lazy`). */
  readonly lazy?: boolean;
  /** The same by a `criu lazy-pages` that waits at its socket in the work directory (`--lazy-pages`). */
  readonly lazyPages?: boolean;
  /** The room of pages in the images is freed once they are in memory (`--auto-dedup`). */
  readonly autoDedup?: boolean;
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  readonly extUnixSk?: boolean;
  readonly fileLocks?: boolean;
  readonly linkRemap?: boolean;
  readonly external?: readonly string[];
  readonly inheritFd?: readonly string[];
  /** Probes that were in the code of tasks at the dump are there now (`--allow-uprobes`). */
  readonly allowUprobes?: boolean;
  /** Permissions of files (rwx) may have changed since the dump (`--skip-file-rwx-check`). */
  readonly skipFileRwxCheck?: boolean;
  /** Whether build ids of programs and libraries are compared beside the sizes of files, as they are unless given. */
  readonly fileValidation?: 'filesize' | 'buildid';
  readonly root?: string;
  /** Label of a security module that tasks are to have instead of theirs (`--lsm-profile`): `apparmor:NAME`, `selinux:CONTEXT`, `none`. */
  readonly lsmProfile?: string;
  /** SELinux context of file systems that were mounted with one (`--lsm-mount-context`). */
  readonly lsmMountContext?: string;
  /** Namespaces that are made and left empty, `net` only (`--empty-ns`). */
  /** Namespaces that take the tree in, `KIND:PID` or `KIND:FILE`, instead of new ones (net, uts, ipc). */
  readonly joinNamespaces?: readonly string[];
  readonly emptyNamespaces?: readonly string[];
  /** Tunables that this kernel does not have are passed over (`--weak-sysctls`). */
  readonly weakSysctls?: boolean;
  /** The root's end is for somebody else to wait for: nothing here does (`--exec-cmd`). */
  readonly leaveChild?: boolean;
}

/** Microseconds and page counts, as stats-dump has them. */
export interface DumpStats {
  /** Until all tasks stood still. */
  readonly freezingTime: number;
  /** From then on until the last was let go, or had ended. */
  readonly frozenTime: number;
  readonly memdumpTime: number;
  readonly memwriteTime: number;
  readonly pagesScanned: number;
  readonly pagesSkippedParent: number;
  readonly pagesWritten: number;
}

export interface DumpResult {
  readonly pid: number;
  readonly tasks: number;
  readonly stats: DumpStats;
}

export interface RestoreStats {
  readonly pagesCompared: number;
  readonly pagesSkippedCow: number;
  readonly forkingTime: number;
  readonly restoreTime: number;
  readonly pagesRestored: number;
}

export interface RestoreResult {
  /** Pid of the restored root task. */
  readonly pid: number;
  readonly stats: RestoreStats;
  /** Wait status of the root task; resolves when it ends. Not there when detached. */
  readonly exit?: Promise<number>;
  /** Of a lazy restore: waits until all memory is there. @throws CriuError if the tasks had to be ended instead */
  readonly complete?: () => Promise<void>;
}
