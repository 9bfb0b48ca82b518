// User namespaces: their id maps, and whether the tasks' other namespaces belong to the same one.
import type { UidGidExtent } from '@criu/images';
import { close, sysRaw } from '@criu/native';
import { closeSync, fstatSync, openSync } from '@criu/native/fs';
import { NS_GET_USERNS } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { CriuError } from '../../../errors.js';
import { type IdRange, readSetgroups } from '../../../proc/index.js';
import { type Namespace, namespacesOf } from '../../../views/namespaces.js';
import { groupInside, idMaps, rootOfTasks } from '../../../views/users.js';
import type { NamespaceDump } from '../kind.js';

function extents(ranges: readonly IdRange[]): UidGidExtent[] {
  return ranges.map(({ inside, outside, count }) => ({ first: inside, lower_first: outside, count }));
}

/** Inode of the user namespace that owns a namespace; undefined if this process may not know it. */
function ownerOf({ kind, members: [member], holder }: Namespace): bigint | undefined {
  if (!member && holder === undefined) return undefined;
  // A namespace without tasks is held by a descriptor of ours.
  const fd = openSync(member ? `/proc/${member.pid}/ns/${kind}` : `/proc/self/fd/${holder}`, 'r');
  let owner: number | undefined;
  try {
    owner = sysRaw('ioctl', fd, NS_GET_USERNS, 0);
    return owner < 0 ? undefined : fstatSync(owner, { bigint: true }).ino;
  } finally {
    closeSync(fd);
    if (owner !== undefined && owner >= 0) close(owner);
  }
}

/** Namespaces are restored as owned by the tasks' user namespace. @throws CriuError if one has another owner */
function checkOwners(ctx: DumpContext, users: Namespace): void {
  for (const namespace of namespacesOf(ctx).foreign) {
    if (namespace.kind === 'user') continue;
    ctx.refusals.attempt(() => {
      const owner = ownerOf(namespace);
      if (owner === users.inode) return;
      throw new CriuError(
        'UNSUPPORTED',
        `its ${namespace.kind} namespace does not belong to its user namespace`,
        { pid: namespace.members[0]?.pid ?? ctx.root.pid },
        'have them made in the same step (unshare, clone) or by tasks of that user namespace',
      );
    });
  }
}

/** Whether a task has groups that its user namespace does not map, from before it was in there. */
function foreignGroups(ctx: DumpContext, { status }: LiveTask): boolean {
  return status.groups.some((gid) => groupInside(ctx, gid) === undefined);
}

/** Groups that cannot be set from inside are inherited by all tasks, so all must have the same. @throws CriuError */
function inheritedGroups(ctx: DumpContext, denied: boolean): readonly number[] | undefined {
  if (!denied && !ctx.live.some((task) => foreignGroups(ctx, task))) return undefined;
  const { groups } = ctx.root.status;
  for (const task of ctx.live)
    for (const status of task.statuses.values())
      if (status.groups.join() !== groups.join())
        throw new CriuError(
          'UNSUPPORTED',
          'its supplementary groups are not those of the root task, and cannot be set in its user namespace',
          { pid: task.pid },
        );
  return groups;
}

export const userDump: NamespaceDump = {
  describe(ctx, namespace) {
    const maps = ctx.states.get(idMaps);
    const pid = ctx.root.pid;
    if (!maps || maps.users.length === 0 || maps.groups.length === 0)
      throw new CriuError(
        'UNSUPPORTED',
        'its user namespace maps no users or no groups yet',
        { pid },
        'write uid_map and gid_map before the dump (newuidmap, newgidmap)',
      );
    checkOwners(ctx, namespace);
    const root = rootOfTasks(ctx);
    if (root) ctx.images.readableBy(root.outside.gid);
    const denied = readSetgroups(pid) === 'deny';
    const groups = inheritedGroups(ctx, denied);
    ctx.images.add(
      'USERNS',
      {
        uid_map: extents(maps.users),
        gid_map: extents(maps.groups),
        ...(denied ? { setgroups_denied: true } : {}),
        ...(groups ? { outer_groups: [...groups] } : {}),
      },
      { id: namespace.id },
    );
  },
};
