// The sender of a queued message (SCM_CREDENTIALS, unix(7)) in the form of images.
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { asHostPid, lookInside } from '../../../proc/pids.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import { groupInside, userInside } from '../../../views/users.js';
import type { Credentials } from './peek.js';

/** Default of /proc/sys/kernel/overflowuid: an id that is not mapped for the reader. */
const NOBODY = 65534;

function refuse(reason: string): never {
  throw new CriuError(
    'UNSUPPORTED',
    `a message in its queue is from ${reason}`,
    {},
    'let the program receive it before the dump',
  );
}

/**
 * The sender with its pid in the pid namespace of the tasks. Undefined if the kernel has not recorded it, since neither
 * side has requested credentials.
 * @throws CriuError UNSUPPORTED for a sender that a restore could not impersonate
 */
export function senderInside(ctx: DumpContext, { pid, uid, gid }: Credentials): Credentials | undefined {
  if (pid === 0 && uid === NOBODY && gid === NOBODY) return undefined;
  if (pid === 0) refuse('a process outside of this pid namespace');
  if (ctx.live.some((task) => task.pid !== pid && task.tids.includes(pid)))
    refuse(`thread ${pid} of a task, not from a process`);
  const [user, group] = [userInside(ctx, uid), groupInside(ctx, gid)];
  if (user === undefined || group === undefined)
    refuse(`user ${uid}, group ${gid}, who are not mapped in the user namespace of the tasks`);
  if (!ownsNamespace(ctx, 'pid')) return { pid, uid: user, gid: group };
  const inside = lookInside(asHostPid(pid), ctx.root.status.nsPid.length, []);
  if (inside === undefined) refuse(`process ${pid}, which is not in the pid namespace of the tasks any more`);
  return { pid: inside, uid: user, gid: group };
}
