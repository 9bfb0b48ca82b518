// The inventory image of a dump: facts about the checkpoint as a whole. Its presence says that the checkpoint is
// complete.
import { encodeImage, IMAGES_VERSION } from '@criu/images';
import type { PackedFields } from '../pages/packing.js';
import type { ListedPlugin } from '../plugins/index.js';
import type { DumpContext } from './dump-context.js';
import type { ResourceDump } from './resource.js';

export interface InventoryFacts {
  /** How pages are compressed, in this dump or in one of its parents; uncompressed if left out. */
  readonly packed?: PackedFields;
  readonly plugins?: readonly ListedPlugin[];
}

export function encodeInventory(
  ctx: DumpContext,
  dumps: readonly ResourceDump[],
  { packed = { img_version: IMAGES_VERSION }, plugins = [] }: InventoryFacts = {},
): Buffer {
  const entry = {
    ...packed,
    fdinfo_per_id: true,
    ns_per_id: true,
    ...(ctx.options.tcpClose ? { tcp_close: true } : {}),
    network_lock_method: ctx.networkLock,
    plugins_entry: {
      plugins: plugins.map(({ name }) => name),
      ...(plugins.some(({ version }) => version !== undefined)
        ? { versions: plugins.map(({ version = '' }) => version) }
        : {}),
    },
    dump_criu_run_id: ctx.runId,
    ...(ctx.options.trackMem ? { dump_uptime: ctx.frozenAt } : {}),
    ...Object.assign({}, ...dumps.map((resource) => resource.inventory(ctx))),
  };
  return encodeImage('INVENTORY', [{ entry }]);
}
