// What a plugin is, for those who write one: hooks that dump and restore call for what criu itself cannot handle. They are
// CRIU's hooks, with names and types of this language.

/** At which operation a plugin is at work. */
export type PluginStage = 'dump' | 'pre-dump' | 'restore';

type Awaitable<T> = T | Promise<T>;

/** What a plugin has at hand. It works in a process of its own, in the namespaces and with the rights of the command. */
export interface PluginContext {
  readonly stage: PluginStage;
  /** Directory of the images, for files of the plugin's own; their names should begin with the plugin's. */
  readonly imagesDir: string;
  /** Into the log of the command. */
  log(level: 'error' | 'warn' | 'info' | 'debug', text: string): void;
}

/**
 * Hooks, all of them optional. One that has nothing to do with what it is asked about returns undefined, null or false: then the
 * next plugin is asked, and after the last one criu goes on as if there were none. One that throws ends the operation: a dump
 * leaves the tasks running as they were, a restore leaves nothing behind. Descriptors that a hook gets are closed after it;
 * those that it returns are closed in its process, so that it must not use them any more.
 */
export interface PluginHooks {
  /** A Unix socket whose peer is not dumped (DUMP_UNIX_SK); true if the plugin restores it. Tasks stand still. */
  dumpUnixSocket?(socket: { readonly fd: number; readonly inode: number }): Awaitable<boolean | undefined>;
  /** Makes that socket anew, connected (RESTORE_UNIX_SK): its descriptor. `inode`: as it was told to the dump. */
  restoreUnixSocket?(socket: { readonly inode: number }): Awaitable<number | undefined>;
  /** A file of a kind that criu does not know (DUMP_EXT_FILE); true if the plugin restores it. Tasks stand still. */
  dumpExternalFile?(file: { readonly fd: number; readonly id: number }): Awaitable<boolean | undefined>;
  /** Opens that file anew (RESTORE_EXT_FILE): its descriptor. */
  restoreExternalFile?(file: { readonly id: number }): Awaitable<number | undefined>;
  /** A mount that nothing in the dumped namespaces can be bound from (DUMP_EXT_MOUNT); true if the plugin restores it. */
  dumpExternalMount?(mount: {
    readonly mountpoint: string;
    readonly id: number;
  }): Awaitable<boolean | undefined>;
  /** Where the mount comes from (RESTORE_EXT_MOUNT): a path that the command sees, to be bound at its place. */
  restoreExternalMount?(mount: {
    readonly mountpoint: string;
    readonly id: number;
  }): Awaitable<string | undefined>;
  /** A network device of a kind that criu does not know (DUMP_EXT_LINK); true if it will be there before the restore. */
  dumpExternalLink?(link: {
    readonly index: number;
    readonly type: number;
    readonly kind: string;
  }): Awaitable<boolean | undefined>;
  /** A mapped device (HANDLE_DEVICE_VMA); true if the plugin restores what it shows. Tasks stand still. */
  handleDeviceVma?(mapping: { readonly fd: number }): Awaitable<boolean | undefined>;
  /** Where such a mapping is on restore (UPDATE_VMA_MAP): another offset in bytes, and perhaps the very file to map. */
  updateVmaMap?(mapping: {
    readonly path: string;
    readonly address: bigint;
    readonly offset: bigint;
  }): Awaitable<{ readonly offset: bigint; readonly fd?: number } | undefined>;
  /** Before a task is stopped (PAUSE_DEVICES): no work for its devices may begin any more. */
  pauseDevices?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** When all tasks stand still, for each of them (CHECKPOINT_DEVICES). */
  checkpointDevices?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** When the images are written, for each task; a failure still calls the dump off (DUMP_DEVICES_LATE). */
  dumpDevicesLate?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** When the images were read, before any task is made (RESTORE_INIT). */
  restoreInit?(): Awaitable<boolean | undefined>;
  /** When all tasks are made, and have nothing of their own yet (POST_FORKING). */
  postForking?(): Awaitable<boolean | undefined>;
  /** When all of a task is in place, before it runs (RESUME_DEVICES_LATE). `pid`: as the command sees it. */
  resumeDevicesLate?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
}

/** The default export of a module. */
export interface Plugin {
  /** In the inventory of a dump in which one of its hooks had a say; a restore needs a plugin of this name then. */
  readonly name: string;
  /** MAJOR.MINOR.PATCH. A restore needs one of the same major version, not earlier than that of the dump. */
  readonly version?: string;
  /** Version of this interface that it is written for: 1. */
  readonly api: 1;
  /** Before anything is touched. What it throws ends the operation. */
  init?(context: PluginContext): Awaitable<void>;
  /**
   * At the end, when the tasks run again, have been ended, or were never made: takes back what was done if `ok` is false, and
   * lets devices of tasks that were dumped and run on (`running`) go. It has the same time as a hook.
   */
  exit?(outcome: { readonly ok: boolean; readonly running: boolean }): Awaitable<void>;
  readonly hooks: PluginHooks;
}

/** Gives back what it gets: for its types. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
