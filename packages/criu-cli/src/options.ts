// The options of the engine. Command line, configuration files and RPC requests are converted to these.
import type { CancelSignal } from './cancel.js';
import type { Logger } from './log.js';
import type { NotifyListener } from './notify.js';

export type DumpPhase = 'freeze' | 'collect' | 'describe' | 'write' | 'release';
export type RestorePhase = 'read' | 'validate' | 'plan' | 'execute' | 'commit';

/** Progress of long work. */
export interface ProgressEvent {
  readonly phase: DumpPhase | RestorePhase;
  readonly message: string;
  /** Bytes of memory, or steps, done so far and in total. */
  readonly done?: number;
  readonly total?: number;
  /** Bytes per second, and the seconds left at that rate. */
  readonly rate?: number;
  readonly remaining?: number;
}

/** `skip`: the caller blocks the network itself. */
export type NetworkLock = 'nftables' | 'iptables' | 'skip';

/**
 * Which properties of the CPU have to match:
 * - `fpu`: the state of floating point and vector registers
 * - `ins`: the instructions that programs may use
 * - `cpu`: all features
 */
export type CpuClass = 'fpu' | 'ins' | 'cpu';

export interface CommonOptions {
  /** Directory of the image files (`-D`). */
  readonly imagesDir: string;
  /** Directory of logs, pid files and statistics (`-W`); default: the images directory. */
  readonly workDir?: string;
  /**
   * How pages images are written and read (`--image-io-mode`); default: writeback. `direct` bypasses the page cache
   * (O_DIRECT) if the file system supports it and pages are not compressed. The images are the same.
   */
  readonly imageIoMode?: 'writeback' | 'direct';
  readonly log?: Logger;
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * Called at every stage, like action scripts; an exception ends the operation where that is still possible. Tasks are
   * stopped meanwhile, so none of them may be the one that answers.
   */
  readonly notify?: NotifyListener | readonly NotifyListener[];
  /** Aborting undoes the operation, which then rejects with code ABORTED. */
  readonly signal?: CancelSignal;
  /** The task shares its terminal and session with its caller (`-j`). */
  readonly shellJob?: boolean;
  /**
   * The caller handles the other side of a terminal that is not dumped: a restore passes the master to listeners (RPC
   * only).
   */
  readonly orphanPtsMaster?: boolean;
  /** Handling of cgroups (`--manage-cgroups`): ignore, none, props, soft, full, strict; default: soft. */
  readonly manageCgroups?: string;
  /** Other roots for the groups, `[CONTROLLER:]/PATH` (`--cgroup-root`). */
  readonly cgroupRoots?: readonly string[];
  /** Directory in which each cgroup hierarchy is mounted in a folder of its own (`--cgroup-yard`). */
  readonly cgroupYard?: string;
  /**
   * CPU properties that a dump records, and that a restore compares with this machine before anything is created
   * (`--cpu-cap`). Nothing is done if it is empty or left out.
   */
  readonly cpuCap?: readonly CpuClass[];
  /**
   * Directory of plugins (`--libdir`): all its `.so`, `.js` and `.mjs` files. Default: CRIU_LIBS_DIR of the
   * environment, else /usr/lib/criu if it exists.
   */
  readonly libdir?: string;
  /** Further plugins, by path or package name (`--plugin`). */
  readonly plugins?: readonly string[];
  /** Seconds that a hook of a plugin may take (`--plugin-timeout`); default: 60. */
  readonly pluginTimeout?: number;
  /**
   * Run with the capabilities of an ordinary user (`--unprivileged`): what needs more is refused, and cgroups are left
   * alone.
   */
  readonly unprivileged?: boolean;
  /** Dump files that are open below what another mount covers, although CRIU cannot restore them (`--covered-files`). */
  readonly coveredFiles?: boolean;
  /** Names of fault points at which the operation fails; for tests. */
  readonly faults?: readonly string[];
}

/** Address of a page server, to connect to or to listen at. */
export interface PageServerOptions {
  /** Host name or address (`--address`). */
  readonly address?: string;
  readonly port?: number;
  /** Descriptor of a connected socket, instead of an address (`--ps-socket`). */
  readonly socket?: number;
  /** Seconds that the server may be silent while tasks are stopped; default: 30. */
  readonly patience?: number;
}

export interface DumpOptions extends CommonOptions {
  /** Pid of the root of the process tree (`-t`). */
  readonly pid: number;
  /** Leave the tasks running after the dump (`-R`). */
  readonly leaveRunning?: boolean;
  /** Tasks that run on are stopped only until forks hold their memory, not until it is written (`--live`). */
  readonly live?: boolean;
  /** Leave the tasks stopped after the dump (`-s`). */
  readonly leaveStopped?: boolean;
  /**
   * Seconds until the dump is cancelled and undone (`--timeout`). Default: no limit, except 10 seconds for the freeze.
   */
  readonly timeout?: number;
  /**
   * Seconds after which this process is killed when a system call does not return while tasks stand still, so that these run on: for
   * processes that do nothing else. Default: never.
   */
  readonly stuckSeconds?: number;
  /** Largest size in bytes of a deleted file that is stored in the images (`--ghost-limit`); default: 1 MiB. */
  readonly ghostLimit?: number;
  /** Directory of the previous dump, relative to the images directory (`--prev-images-dir`). */
  readonly prevImagesDir?: string;
  /** Track page changes from this dump on, if the kernel can (`--track-mem`). */
  readonly trackMem?: boolean;
  /** Free pages of earlier dumps that this one has stored anew (`--auto-dedup`). */
  readonly autoDedup?: boolean;
  /**
   * Compress pages (`--compress`): with LZ4, in the format of the next CRIU version, or with zstd. Versions that
   * support images up to version 2 only cannot restore them.
   */
  readonly compress?: boolean | 'lz4' | 'zstd';
  /** Bytes that are compressed as one block, a multiple of the page size up to 4 MiB (`--compress-region`). */
  readonly compressRegion?: number;
  /** From 1 up: higher values are faster and compress less (`--compress-acceleration`); default: 1. */
  readonly compressAcceleration?: number;
  /** Send pages to this server instead of writing them to the images directory (`--page-server`). */
  readonly pageServer?: PageServerOptions;
  /**
   * Keep memory that can be restored lazily for a `criu lazy-pages`, which fetches it before the tasks end
   * (`--lazy-pages`).
   */
  readonly lazyPages?: boolean;
  /** Address at which `criu lazy-pages` can connect. */
  readonly lazyServer?: PageServerOptions;
  /** Called with the port of that address when it accepts connections. */
  readonly onLazyServer?: (port: number) => void | Promise<void>;
  /**
   * The way a pre-dump reads memory (`--pre-dump-mode`), for compatibility; memory is read while tasks run in both
   * modes.
   */
  readonly preDumpMode?: 'splice' | 'read';
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  /** How packets of connections are blocked from the dump to the restore (`--network-lock`); default: nftables. */
  readonly networkLock?: NetworkLock;
  /** Leave out connections that wait for accept(2) (`--skip-in-flight`). */
  readonly skipInFlight?: boolean;
  readonly fileLocks?: boolean;
  readonly linkRemap?: boolean;
  /**
   * If the path of a device leads to another node with the same numbers, restore it by that node (`--evasive-devices`).
   */
  readonly evasiveDevices?: boolean;
  /** Search for watched files whose handle cannot be resolved to a path (`--force-irmap`). */
  readonly forceIrmap?: boolean;
  /** Folders to search, before the usual ones (`--irmap-scan-path`). */
  readonly irmapScanPaths?: readonly string[];
  /** Find holes of deleted files by the map of their extents (FIEMAP, `--ghost-fiemap`). */
  readonly ghostFiemap?: boolean;
  /** Permit uprobes in the code of tasks (`--allow-uprobes`); the restore then needs the option, too. */
  readonly allowUprobes?: boolean;
  readonly extUnixSk?: boolean;
  /** Values of `--external`. */
  readonly external?: readonly string[];
  /** Namespaces to be kept without their contents, `net` only (`--empty-ns`). */
  readonly emptyNamespaces?: readonly string[];
  /** Mount points whose mounts are left out (`--skip-mnt`). */
  readonly skipMounts?: readonly string[];
  /** File systems to be mounted again as they are, or `all` (`--enable-fs`). */
  readonly enableFs?: readonly string[];
  /**
   * Cgroup properties to dump in addition to the known ones: as text (`--cgroup-props`), or in a file
   * (`--cgroup-props-file`).
   */
  readonly cgroupProps?: string;
  readonly cgroupPropsFile?: string;
  /** Hierarchies to dump, named as in /proc/PID/cgroup (`--cgroup-dump-controller`); default: all. */
  readonly cgroupDumpControllers?: readonly string[];
  readonly freezeCgroup?: string;
  /**
   * Inode of our end of the RPC socket, if the dumped tree itself has requested the dump: after the restore the client
   * finds the response there.
   */
  readonly serviceSocket?: number;
}

export interface RestoreOptions extends CommonOptions {
  /** Return when the tasks run, instead of waiting for the end of the root task (`-d`). */
  readonly detached?: boolean;
  /** Seconds until the restore is cancelled and undone (`--timeout`); default: no limit. */
  readonly timeout?: number;
  /** Make the restored root task a sibling of the caller (`-S`). */
  readonly sibling?: boolean;
  /** File to which the pid of the root task is written (`--pidfile`). */
  readonly pidfile?: string;
  /** Leave the tasks stopped (`-s`). */
  readonly leaveStopped?: boolean;
  /**
   * Let tasks run before their memory is restored: pages come from the images on demand, and in the background
   * (`--lazy`).
   */
  readonly lazy?: boolean;
  /** The same with a `criu lazy-pages` that listens on its socket in the work directory (`--lazy-pages`). */
  readonly lazyPages?: boolean;
  /** Free pages of the images once they are in memory (`--auto-dedup`). */
  readonly autoDedup?: boolean;
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  readonly extUnixSk?: boolean;
  readonly fileLocks?: boolean;
  readonly linkRemap?: boolean;
  readonly external?: readonly string[];
  readonly inheritFd?: readonly string[];
  /** Permit tasks that had uprobes in their code at the dump; the same probes must be set now (`--allow-uprobes`). */
  readonly allowUprobes?: boolean;
  /** Do not compare permissions of files (rwx) with those at the dump (`--skip-file-rwx-check`). */
  readonly skipFileRwxCheck?: boolean;
  /**
   * How files are compared with the dump: by size, or by size and, for programs and libraries, build id (the default).
   */
  readonly fileValidation?: 'filesize' | 'buildid';
  readonly root?: string;
  /**
   * Label of a security module for the tasks in place of their own (`--lsm-profile`): `apparmor:NAME`,
   * `selinux:CONTEXT`, `none`.
   */
  readonly lsmProfile?: string;
  /** SELinux context for file systems that were mounted with one (`--lsm-mount-context`). */
  readonly lsmMountContext?: string;
  /** Namespaces to join instead of creating new ones, `KIND:PID` or `KIND:FILE` (net, uts, ipc, time; `--join-ns`). */
  readonly joinNamespaces?: readonly string[];
  /** Namespaces to be created and left empty, `net` only (`--empty-ns`). */
  readonly emptyNamespaces?: readonly string[];
  /** Skip sysctls that this kernel does not have (`--weak-sysctls`). */
  readonly weakSysctls?: boolean;
  /** Do not reap the root task: the command of `--exec-cmd` waits for it. */
  readonly leaveChild?: boolean;
  /**
   * Called when the tasks run, to answer whoever has asked for them; must not reject. If this process dies before it has
   * resolved, the tasks are killed: without an answer the restore counts as failed.
   */
  readonly onRestored?: (result: RestoreResult) => void | Promise<void>;
  /**
   * For a process that ends after the restore, and whose exit code is part of the answer: registers what it has to call
   * right before its exit. If it dies earlier, the tasks are killed.
   */
  readonly atExit?: (letGo: () => void) => void;
}

/** Times in microseconds, and numbers of pages, as in stats-dump. */
export interface DumpStats {
  /** Time until all tasks were stopped. */
  readonly freezingTime: number;
  /** Time from then on until the last task was released or had ended. */
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
  /** Wait status of the root task; resolves when it ends. Undefined for a detached restore. */
  readonly exit?: Promise<number>;
  /**
   * For a lazy restore: resolves when all memory has been brought.
   * @throws CriuError if the tasks had to be killed instead
   */
  readonly complete?: () => Promise<void>;
}
