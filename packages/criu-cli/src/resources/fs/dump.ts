// Root, working directory and umask of a process.
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import type { DumpPart } from '../../engine/resource.js';
import { CriuError } from '../../errors.js';
import { readCwd, readRoot } from '../../proc/index.js';
import { groupInside, rootOfTasks, userInside } from '../../views/users.js';
import type { PathFile } from '../files/regular/dump.js';
import { withLink } from '../files/regular/with-link.js';
import { openFiles } from '../files/table.js';

/** Permission bits of a directory that let its owner, its group and others search it. */
const SEARCHES = { owner: 0o100n, group: 0o010n, others: 0o001n };

/**
 * A restored task enters its directories as root of its user namespace, who has no privileges over those of users that are not mapped
 * there (path_resolution(7)). The task itself may have been inside before it had that namespace.
 * @throws CriuError NOT_DUMPABLE
 */
function checkEntry(ctx: DumpContext, { pid }: LiveTask, { link, stat }: PathFile, what: string): void {
  const root = rootOfTasks(ctx);
  if (!root) return;
  const [uid, gid] = [Number(stat.uid), Number(stat.gid)];
  if (userInside(ctx, uid) !== undefined && groupInside(ctx, gid) !== undefined) return;
  const { owner, group, others } = SEARCHES;
  const bit = uid === root.outside.uid ? owner : gid === root.outside.gid ? group : others;
  if (stat.mode & bit) return;
  throw new CriuError(
    'NOT_DUMPABLE',
    `its ${what} ${link} belongs to user ${uid} and group ${gid}, not both of which its user namespace maps, and is closed to others`,
    { pid },
    'have it change to a directory that its own users may enter (chdir), or open this one to others (chmod o+x)',
  );
}

export const fsDump: DumpPart<{ cwd: number; root: number }> = {
  collect(ctx, task) {
    const own = (what: string) => (file: PathFile) => {
      ctx.refusals.attempt(() => checkEntry(ctx, task, file, what));
      return openFiles(ctx).ownId(file);
    };
    return {
      cwd: withLink(task, 'cwd', readCwd(task.pid), own('working directory')),
      root: withLink(task, 'root', readRoot(task.pid), own('root')),
    };
  },
  describe(ctx, task, facts) {
    ctx.images.add(
      'FS',
      { cwd_id: facts.cwd, root_id: facts.root, umask: task.status.umask ?? 0o22 },
      { id: task.nsPid },
    );
  },
};
