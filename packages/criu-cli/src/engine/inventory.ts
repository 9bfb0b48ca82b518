// inventory.img of a dump: what is true of the checkpoint as a whole, and that it is complete.
import { encodeImage } from '@criu/images';
import type { ListedPlugin } from '../plugins/index.js';
import type { DumpContext } from './dump-context.js';
import type { ResourceDump } from './resource.js';

const IMAGES_VERSION = 2;

export function encodeInventory(
  ctx: DumpContext,
  dumps: readonly ResourceDump[],
  plugins: readonly ListedPlugin[] = [],
): Buffer {
  const entry = {
    img_version: IMAGES_VERSION,
    fdinfo_per_id: true,
    ns_per_id: true,
    lsmtype: 0,
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
