// Binds of cgroups that have been removed. Of other files mountinfo tells that (`//deleted`), of cgroups it does not.
import { closeSync, openSync, readdirSync } from '@criu/native/fs';
import { O_DIRECTORY, O_RDONLY } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { mountIdOf, mountTables } from '../../../views/mounts.js';
import { FsType } from './filesystems.js';
import type { FoundMount } from './table.js';
import type { Table } from './tables.js';

/** A file of each cgroup, in all hierarchies of both versions. */
const OF_EACH = 'cgroup.procs';

/** Whether a mount shows a cgroup that is not there any more. */
export function showsRemovedCgroup(ctx: DumpContext, { namespace }: Table, mount: FoundMount): boolean {
  const { fs, root, mountpoint, id } = mount;
  const [member] = namespace.members;
  if (root === '/' || !member || (fs?.code !== FsType.CGROUP && fs?.code !== FsType.CGROUP2)) return false;
  const { root: top } = mountTables(ctx).of(member.pid);
  if (top === undefined) return false;
  let fd: number;
  try {
    fd = openSync(top + mountpoint, O_RDONLY | O_DIRECTORY);
  } catch {
    // It shows a file.
    return false;
  }
  try {
    // Another mount may cover it.
    return mountIdOf(fd) === id && !readdirSync(`/proc/self/fd/${fd}`).includes(OF_EACH);
  } finally {
    closeSync(fd);
  }
}
