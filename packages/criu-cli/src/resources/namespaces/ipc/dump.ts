// IPC namespaces: sysctls, System V shared memory, semaphores, and message queues of both kinds.
import { Program } from '@criu/compel';
import type { NamespaceDump } from '../kind.js';
import { dumpPosixQueues } from './posix-queues-dump.js';
import { dumpQueues, dumpSemaphores } from './queues-dump.js';
import { dumpSegments } from './shm-dump.js';
import { anyTunables, readSysctls } from './sysctls.js';

export const ipcDump: NamespaceDump = {
  rehearse: (ctx, { id }) => ctx.images.add('IPC_VAR', anyTunables(), { id }),

  async visit(ctx, { id }, inside) {
    const p = new Program('tunables of IPC');
    const tunables = readSysctls(p);
    const values = tunables(await inside.run(p));
    const queues = await dumpPosixQueues(ctx, inside);
    ctx.images.add('IPC_VAR', { ...values, ...(queues.length > 0 ? { posix_queues: queues } : {}) }, { id });
    await dumpSegments(ctx, id, inside);
    await dumpQueues(ctx, id, inside);
    await dumpSemaphores(ctx, id, inside);
  },
};
