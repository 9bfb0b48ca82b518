// The hooks of plugins: CRIU's names and numbers (criu-plugin.h), followed by our own.

export const HOOKS = {
  DUMP_UNIX_SK: 0,
  RESTORE_UNIX_SK: 1,
  DUMP_EXT_FILE: 2,
  RESTORE_EXT_FILE: 3,
  DUMP_EXT_MOUNT: 4,
  RESTORE_EXT_MOUNT: 5,
  DUMP_EXT_LINK: 6,
  HANDLE_DEVICE_VMA: 7,
  UPDATE_VMA_MAP: 8,
  RESUME_DEVICES_LATE: 9,
  PAUSE_DEVICES: 10,
  CHECKPOINT_DEVICES: 11,
  POST_FORKING: 12,
  // Hooks of our own; plugins in C do not have them.
  RESTORE_INIT: 13,
  DUMP_DEVICES_LATE: 14,
} as const;

export type HookName = keyof typeof HOOKS;
export const hookNames = Object.keys(HOOKS) as HookName[];

/** Numbers of the stages, as CRIU passes them to cr_plugin_init. */
export const STAGES = { dump: 0, 'pre-dump': 1, restore: 2 } as const;

/** Arguments of a hook. */
export interface HookCall {
  readonly args?: readonly (number | bigint)[];
  readonly text?: string;
  readonly second?: string;
  /** A descriptor of ours, of which the plugin gets a copy. */
  readonly fd?: number;
  /** The object, for messages. */
  readonly about: string;
  readonly pid?: number;
}

/** The answer of the plugin that handles the object. */
export interface HookAnswer {
  readonly plugin: string;
  /** Return value of the hook; not negative. */
  readonly value: number;
  readonly wide: bigint;
  readonly text: string;
  /** A descriptor from the plugin, now owned by us. */
  readonly fd: number | undefined;
}
