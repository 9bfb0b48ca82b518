// User namespaces: the root task is created in a new one, whose maps this process writes, as only a process outside may
// map arbitrary ids.
import { closeSync, openSync, writeSync } from '@criu/native/fs';
import { PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_SET_DUMPABLE } from '@criu/native/uapi';
import { type CapabilityName, holds } from '../../../capabilities.js';
import type { PlanContext } from '../../../engine/plan.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { type IdRange, readGidMap, readStatus, readUidMap } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import type { HostPid } from '../../../proc/pids.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { agentIds, type PlannedUsers, plannedUsers } from '../../../views/planned-users.js';
import type { NamespaceRestore } from '../kind.js';

/** Whether a range is covered by the ranges of another map. */
function covered({ outside, count }: IdRange, by: readonly IdRange[]): boolean {
  let at = outside;
  for (const one of [...by].sort((a, b) => a.inside - b.inside))
    if (at >= one.inside && at - one.inside < one.count) at = one.inside + one.count;
  return at >= outside + count;
}

/** Without CAP_SETUID and CAP_SETGID, a process may only map its own user and group (user_namespaces(7)). @throws CriuError */
function checkOwn({ users, groups, setgroupsDenied, file }: PlannedUsers): void {
  const own = readStatus(process.pid);
  const check = (name: CapabilityName, ranges: readonly IdRange[], id: number, what: string): void => {
    const [range] = ranges;
    const single = ranges.length === 1 && range?.outside === id && range.count === 1;
    if (single || holds(name)) return;
    throw new CriuError(
      'NOT_PERMITTED',
      `its user namespace maps more ${what}s than ${what} ${id}, which is all that whoever restores may map`,
      { file },
      `this takes ${name}: give it to whoever runs criu, or run as root`,
    );
  };
  check('CAP_SETUID', users, own.uid[1], 'user');
  check('CAP_SETGID', groups, own.gid[1], 'group');
  if (!setgroupsDenied && !holds('CAP_SETGID'))
    throw new CriuError(
      'NOT_PERMITTED',
      'its user namespace permits to set supplementary groups, which whoever restores may not permit',
      { file },
      'this takes CAP_SETGID: give it to whoever runs criu, or run as root',
    );
}

/** Supplementary groups that the root task is to be created with; undefined if those of this process are the same. @throws CriuError */
function groupsToSet({ outerGroups, file }: PlannedUsers): readonly number[] | undefined {
  if (!outerGroups) return undefined;
  const same = (one: readonly number[]) => [...one].sort((a, b) => a - b).join();
  if (same(outerGroups) === same(readStatus(process.pid).groups)) return undefined;
  if (holds('CAP_SETGID')) return outerGroups;
  throw new CriuError(
    'NOT_PERMITTED',
    `its supplementary groups are ${same(outerGroups) || '(none)'}, which are not those of whoever restores`,
    { file },
    'this takes CAP_SETGID: restore as that user, give it to whoever runs criu, or run as root',
  );
}

/** A process may only map ids that it has in its own user namespace. @throws CriuError */
function checkMaps({ users, groups, file }: PlannedUsers): void {
  const check = (ranges: readonly IdRange[], own: readonly IdRange[] | undefined, what: string): void => {
    for (const range of ranges)
      if (own && !covered(range, own))
        throw new CriuError(
          'NOT_PERMITTED',
          `its user namespace maps ${what} ${range.outside} to ${range.outside + range.count - 1}, not all of which are there in the namespace of who restores`,
          { file },
          'restore in a user namespace that has them, or in that of the host',
        );
  };
  check(users, readUidMap(process.pid), 'users');
  check(groups, readGidMap(process.pid), 'groups');
}

function text(ranges: readonly IdRange[]): string {
  return ranges.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join('');
}

/** Writes a file of the task in a single write, as the kernel accepts only one. @throws CriuError */
function write(pid: HostPid, name: string, value: string, file: string): void {
  const path = `/proc/${pid}/${name}`;
  try {
    const fd = openSync(path, 'r+');
    try {
      writeSync(fd, Buffer.from(value));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw asCriuError(error, `cannot write ${JSON.stringify(value.trimEnd())} to ${path}`, { file });
  }
}

/** A task in the new user namespace may choose pids only in a pid namespace that belongs to it. @throws CriuError */
function checkPids(ctx: PlanContext, { file }: PlannedUsers): void {
  if (plannedNamespaces(ctx).made('pid').length > 0) return;
  const { tasks } = ctx.checkpoint;
  const other = tasks.find(({ threads }, i) => i > 0 || threads.length > 1);
  if (other)
    throw new CriuError(
      'UNSUPPORTED',
      'the tasks have a user namespace of their own and no pid namespace: only one with a single thread could get its pid back',
      { pid: other.pid, file },
      'start them in a pid namespace, too (unshare --user --pid --fork)',
    );
}

function plan(ctx: PlanContext): void {
  const made = plannedUsers(ctx);
  if (!made) return;
  if (!ctx.onPaper) {
    checkMaps(made);
    checkOwn(made);
  }
  checkPids(ctx, made);
  const { root } = ctx;
  root.birthFlags |= BigInt(CLONE_NEW.user);
  root.birthGroups = ctx.onPaper ? made.outerGroups : groupsToSet(made);
  root.atBirth.push((pid) => {
    if (made.setgroupsDenied) write(pid, 'setgroups', 'deny', made.file);
    write(pid, 'uid_map', text(made.users), made.file);
    write(pid, 'gid_map', text(made.groups), made.file);
  });
  const { uid, gid, groupsFixed } = agentIds(ctx);
  const p = root.program('namespaces');
  p.syscall('setresgid', [gid, gid, gid], { label: `group ${gid} of the user namespace` });
  if (!groupsFixed) p.syscall('setgroups', [0, null], { label: 'no supplementary groups' });
  p.syscall('setresuid', [uid, uid, uid], { label: `user ${uid} of the user namespace` });
  // The ambient capabilities have kept its capabilities across execve, when it became an agent.
  p.syscall('prctl', [PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0]);
  // A change of ids makes the files in /proc of the task inaccessible to it, until dumpable is restored from the
  // images.
  p.syscall('prctl', [PR_SET_DUMPABLE, 1, 0, 0, 0]);
}

export const userRestore: NamespaceRestore = { plan: (ctx) => plan(ctx) };
