// The hooks of plugins: CRIU's names and numbers (criu-plugin.h), and those of this version's own behind them.

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
  // Plugins in C have none of these.
  RESTORE_INIT: 13,
  DUMP_DEVICES_LATE: 14,
} as const;

export type HookName = keyof typeof HOOKS;
export const hookNames = Object.keys(HOOKS) as HookName[];

/** Numbers of the stages in requests. */
export const STAGES = { dump: 0, 'pre-dump': 1, restore: 2 } as const;

/** What a hook is told. */
export interface HookCall {
  readonly args?: readonly (number | bigint)[];
  readonly text?: string;
  readonly second?: string;
  /** A descriptor of ours that the plugin gets a copy of. */
  readonly fd?: number;
  /** What it is about, for messages. */
  readonly about: string;
  readonly pid?: number;
}

/** What the plugin that a question is for has said. */
export interface HookAnswer {
  readonly plugin: string;
  /** What the hook has returned; not negative. */
  readonly value: number;
  readonly wide: bigint;
  readonly text: string;
  /** A descriptor that it gave, which is ours now. */
  readonly fd: number | undefined;
}
