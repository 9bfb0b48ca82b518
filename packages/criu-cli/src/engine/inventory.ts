// inventory.img of a dump: what is true of the checkpoint as a whole, and that it is complete.
import { hostname, release } from 'node:os';
import { encodeImage, IMAGES_VERSION, PACKED_VERSION } from '@criu/images';
import { CRIU_VERSION } from '../criu-version.js';
import type { DumpOptions } from '../options.js';
import { packingOf } from '../pages/route.js';
import type { ListedPlugin } from '../plugins/index.js';
import type { DumpContext } from './dump-context.js';
import type { ResourceDump } from './resource.js';

export interface InventoryFacts {
  /** Pages are packed, here or in a dump that this one builds on. */
  readonly packs?: boolean;
  readonly plugins?: readonly ListedPlugin[];
}

export function encodeInventory(
  ctx: DumpContext,
  dumps: readonly ResourceDump[],
  { packs = false, plugins = [] }: InventoryFacts = {},
): Buffer {
  const entry = {
    ...versionOf(ctx.options, packs),
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
    ...origin(),
    ...(ctx.options.trackMem ? { dump_uptime: ctx.frozenAt } : {}),
    ...Object.assign({}, ...dumps.map((resource) => resource.inventory(ctx))),
  };
  return encodeImage('INVENTORY', [{ entry }]);
}

/** For people who find the images later: when, where and by what they were made. */
function origin() {
  return {
    dumped_at: BigInt(Math.floor(Date.now() / 1000)),
    dumped_by: `criu ${CRIU_VERSION} (TypeScript)`,
    kernel: release(),
    machine: hostname(),
  };
}

/** Images are of a later version where pages are packed. */
function versionOf(options: DumpOptions, packs: boolean) {
  const packing = packingOf(options);
  const regions = options.compressRegion !== undefined;
  return {
    img_version: packs ? PACKED_VERSION : IMAGES_VERSION,
    ...(packing ? { compress: regions ? 2 : 1 } : {}),
    ...(packing && regions ? { compress_region_size: packing.region } : {}),
  };
}
