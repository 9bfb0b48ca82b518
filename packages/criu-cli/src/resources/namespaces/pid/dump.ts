// Pid namespaces: images have the pids of the tasks' own namespace, which must be dumped with its init, or be declared
// as external.
import type { DumpContext } from '../../../engine/dump-context.js';
import type { TreeTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { namespacePids } from '../../../proc/pids.js';
import { rootLinks } from '../../../views/namespaces.js';
import { externalId, externalName } from '../../external.js';
import type { NamespaceDump } from '../kind.js';

const INIT = 1;

/** The name of an external namespace (`--external pid[INODE]:NAME`). */
function external(ctx: DumpContext): string | undefined {
  const link = rootLinks(ctx).pid;
  return link && externalName(ctx, externalId.pid(link.inode));
}

function checkSession(task: TreeTask): void {
  if (namespacePids(task.status, task.stat).sid === 0)
    throw new CriuError(
      'UNSUPPORTED',
      'the leader of its session is not in its pid namespace',
      { pid: task.pid },
      'start the first process that is dumped in a session of its own (setsid)',
    );
}

/** Refuses an init without its namespace, and a namespace without its init. */
function checkRoot(ctx: DumpContext): void {
  const { nsPid, pid } = ctx.root;
  const outside = external(ctx) !== undefined;
  if (outside && nsPid === INIT)
    throw new CriuError(
      'UNSUPPORTED',
      'it is the init of a pid namespace that was said to be outside of the dump',
      { pid },
      'leave out --external pid[…], or dump a process that joined the namespace',
    );
  if (!outside && nsPid !== INIT)
    throw new CriuError(
      'UNSUPPORTED',
      `it is process ${nsPid} of a pid namespace of its own, not the first`,
      { pid },
      `dump that namespace with its init, or name it as one that will be there: --external '${externalId.pid(rootLinks(ctx).pid?.inode ?? 0n)}:NAME'`,
    );
}

export const pidDump: NamespaceDump = {
  check(ctx, task) {
    if (task === ctx.root) checkRoot(ctx);
    checkSession(task);
  },

  describe(ctx, { id }) {
    for (const task of ctx.tasks) if (task.kind === 'zombie') checkSession(task);
    const key = external(ctx);
    // As in CRIU, only an external namespace has an image.
    if (key !== undefined) ctx.images.add('PIDNS', { ext_key: key }, { id });
  },
};
