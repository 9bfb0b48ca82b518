// The engine as commands see it; its modules are loaded when a command needs them, and tests put another in its place.
import type { DumpOptions, DumpResult, RestoreOptions, RestoreResult } from '../options.js';

/** A plan as `restore --dry-run` prints it. */
export interface PrintablePlan {
  toText(): string;
  toJSON(): unknown;
}

export interface Engine {
  dump(options: DumpOptions): Promise<DumpResult>;
  preDump(options: DumpOptions): Promise<DumpResult>;
  /** Bytes that were freed. */
  dedup(imagesDir: string): Promise<number>;
  restore(options: RestoreOptions): Promise<RestoreResult>;
  planRestore(options: RestoreOptions): Promise<PrintablePlan>;
}

export const engine: Engine = {
  dump: async (options) => (await import('../engine/dump.js')).dump(options),
  preDump: async (options) => (await import('../engine/pre-dump.js')).preDump(options),
  dedup: async (dir) => (await import('../resources/memory/dedup.js')).dedupParents(dir),
  restore: async (options) => (await import('../engine/restore.js')).restore(options),
  planRestore: async (options) => (await import('../engine/restore-plan.js')).planRestore(options),
};
