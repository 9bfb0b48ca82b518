// The interface for authors of plugins: hooks that dump and restore call for objects which criu itself does not
// support. They are CRIU's hooks, with names and types for TypeScript.

/** The operation during which a plugin is called. */
export type PluginStage = 'dump' | 'pre-dump' | 'restore';

type Awaitable<T> = T | Promise<T>;

/** What a plugin can use. It runs in a process of its own, in the namespaces and with the privileges of the command. */
export interface PluginContext {
  readonly stage: PluginStage;
  /** Images directory, for files of the plugin; their names should start with the name of the plugin. */
  readonly imagesDir: string;
  /** Writes to the log of the command. */
  log(level: 'error' | 'warn' | 'info' | 'debug', text: string): void;
}

/**
 * The hooks; all are optional. A hook that does not handle an object returns undefined, null or false: then the next
 * plugin is asked, and after the last one criu proceeds as without plugins. A hook that throws ends the operation: a
 * dump leaves the tasks running, a restore leaves nothing behind. Descriptors given to a hook are closed after it;
 * those that it returns are closed in its process, so the plugin must not use them afterwards.
 */
export interface PluginHooks {
  /**
   * DUMP_UNIX_SK: a Unix socket whose peer is not dumped. Return true if the plugin will restore it. Tasks are stopped.
   */
  dumpUnixSocket?(socket: { readonly fd: number; readonly inode: number }): Awaitable<boolean | undefined>;
  /** RESTORE_UNIX_SK: create that socket anew, connected, and return its descriptor. `inode` is that of the dump. */
  restoreUnixSocket?(socket: { readonly inode: number }): Awaitable<number | undefined>;
  /** DUMP_EXT_FILE: a file of an unsupported kind. Return true if the plugin will restore it. Tasks are stopped. */
  dumpExternalFile?(file: { readonly fd: number; readonly id: number }): Awaitable<boolean | undefined>;
  /** RESTORE_EXT_FILE: open that file anew and return its descriptor. */
  restoreExternalFile?(file: { readonly id: number }): Awaitable<number | undefined>;
  /**
   * DUMP_EXT_MOUNT: a mount that cannot be bind-mounted from within the dumped namespaces. Return true if the plugin
   * will restore it.
   */
  dumpExternalMount?(mount: {
    readonly mountpoint: string;
    readonly id: number;
  }): Awaitable<boolean | undefined>;
  /** RESTORE_EXT_MOUNT: return the path, in the view of the command, from which the mount is to be bound. */
  restoreExternalMount?(mount: {
    readonly mountpoint: string;
    readonly id: number;
  }): Awaitable<string | undefined>;
  /**
   * DUMP_EXT_LINK: a network device of an unsupported kind. Return true if the device will exist before the restore.
   */
  dumpExternalLink?(link: {
    readonly index: number;
    readonly type: number;
    readonly kind: string;
  }): Awaitable<boolean | undefined>;
  /**
   * HANDLE_DEVICE_VMA: a mapping of a device. Return true if the plugin will restore its contents. Tasks are stopped.
   */
  handleDeviceVma?(mapping: { readonly fd: number }): Awaitable<boolean | undefined>;
  /** UPDATE_VMA_MAP: return the offset in bytes, and optionally a descriptor of the file, to map on restore. */
  updateVmaMap?(mapping: {
    readonly path: string;
    readonly address: bigint;
    readonly offset: bigint;
  }): Awaitable<{ readonly offset: bigint; readonly fd?: number } | undefined>;
  /** PAUSE_DEVICES: called before a task is stopped. Its devices must not start new work any more. */
  pauseDevices?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** CHECKPOINT_DEVICES: called for each task when all tasks are stopped. */
  checkpointDevices?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** DUMP_DEVICES_LATE: called for each task when the images have been written; a failure still cancels the dump. */
  dumpDevicesLate?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
  /** RESTORE_INIT: called when the images have been read, before any task is created. */
  restoreInit?(): Awaitable<boolean | undefined>;
  /** POST_FORKING: called when all tasks have been created, before their state is restored. */
  postForking?(): Awaitable<boolean | undefined>;
  /**
   * RESUME_DEVICES_LATE: called for each task when all its state is restored, before it runs. `pid` is the pid as the
   * command sees it.
   */
  resumeDevicesLate?(task: { readonly pid: number }): Awaitable<boolean | undefined>;
}

/** A plugin; the default export of its module. */
export interface Plugin {
  /**
   * Name of the plugin. If one of its hooks has handled an object, the inventory records the name, and a restore needs
   * a plugin of that name.
   */
  readonly name: string;
  /** MAJOR.MINOR.PATCH. A restore needs the same major version, and not an older version than the dump had. */
  readonly version?: string;
  /** Version of this interface: 1. */
  readonly api: 1;
  /** Called before anything is touched. An exception ends the operation. */
  init?(context: PluginContext): Awaitable<void>;
  /**
   * Called at the end, when the tasks run again, have been killed, or were never created. If `ok` is false, the plugin
   * undoes what it did; if `running` is true, it resumes devices of dumped tasks that run on. The time limit is that of
   * a hook.
   */
  exit?(outcome: { readonly ok: boolean; readonly running: boolean }): Awaitable<void>;
  readonly hooks: PluginHooks;
}

/** Returns its argument; for type inference. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
