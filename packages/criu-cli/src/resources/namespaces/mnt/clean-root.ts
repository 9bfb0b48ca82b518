// The files of a mount on a dump, also of one that other mounts cover, or that has mounts on its directories.
import { type Agent, Program, ProgramError } from '@criu/compel';
import { closeSync, openSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  EINVAL,
  MNT_DETACH,
  MS_PRIVATE,
  MS_REC,
  MS_UNBINDABLE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { mountIdOf, mountTables } from '../../../views/mounts.js';
import { namespacesOf } from '../../../views/namespaces.js';
import { enter } from '../../../views/visitors.js';
import { cloneMount } from './calls.js';
import type { FoundMount } from './table.js';
import { coversOf, type Table } from './tables.js';

/** An agent in a copy of the namespace in which mounts that cover this one are unmounted. */
async function uncovered(ctx: DumpContext, table: Table, covers: readonly FoundMount[]): Promise<Agent> {
  // The agent enters the user namespace first: otherwise the mounts of the copy would be locked, and could not be
  // unmounted.
  const users = namespacesOf(ctx).foreign.filter(
    ({ kind, members }) => kind === 'user' && table.namespace.members.some((one) => members.includes(one)),
  );
  const agent = await enter(ctx, [...users, table.namespace]);
  const p = new Program('a copy of the mount namespace');
  p.syscall('unshare', [CLONE_NEW.mnt], { label: 'a copy of the mount namespace' });
  p.syscall('mount', [null, p.cstring('/'), null, MS_REC | MS_PRIVATE, null], {
    label: 'nothing is propagated to the tasks',
  });
  for (const { mountpoint } of covers)
    p.syscall('umount2', [p.cstring(mountpoint), MNT_DETACH], { label: `what covers ${mountpoint}` });
  await agent.run(p);
  return agent;
}

/** An agent for which the mount is not covered. */
export async function sees(ctx: DumpContext, table: Table, mount: FoundMount, inside: Agent): Promise<Agent> {
  const covers = coversOf(table, mount);
  return covers.length === 0 ? inside : uncovered(ctx, table, covers);
}

/** Whether open_tree(2) refuses a clone without the mounts on it, as these are locked to it (mount_namespaces(7)). */
function isLocked(error: unknown): boolean {
  return error instanceof ProgramError && error.call === 'open_tree' && error.errno === EINVAL;
}

function locked(mount: FoundMount, cause: unknown): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `mount ${mount.id} has files of its own below mounts that its user namespace got together with it, and cannot take away`,
    { file: mount.mountpoint },
    `name it with --external mnt[${mount.mountpoint}]:KEY, and give it to the restore with --external mnt[KEY]:PATH; or have ` +
      'whoever makes the namespace change its root (pivot_root) and unmount the old one',
    cause,
  );
}

/** The root of a mount without mounts on it, if its path leads there. */
function directRoot(ctx: DumpContext, { namespace }: Table, mount: FoundMount): number | undefined {
  const [member] = namespace.members;
  if (!member) return undefined;
  // All mounts: those that are left out of the images cover files, too.
  const { root, mounts } = mountTables(ctx).of(member.pid);
  if (root === undefined || mounts.some(({ parentId }) => parentId === mount.id)) return undefined;
  let fd: number;
  try {
    // No part of the path is a symbolic link: it is that of the mount point, as the kernel tells it.
    fd = openSync(`${root}${mount.mountpoint}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch {
    return undefined;
  }
  if (mountIdOf(fd) === mount.id) return fd;
  closeSync(fd);
  return undefined;
}

/**
 * A descriptor of the root of a mount in which all its files are visible: its own root if nothing is mounted on it, else
 * that of a clone, which is made and taken down again at the price of a moment in which the kernel waits for all CPUs.
 * @throws CriuError
 */
export async function cleanRoot(
  ctx: DumpContext,
  table: Table,
  mount: FoundMount,
  inside: Agent,
): Promise<number> {
  const direct = directRoot(ctx, table, mount);
  return direct ?? clonedRoot(ctx, table, mount, inside);
}

/** The root of a clone of a mount: neither other mounts nor an automount point on it are entered. @throws CriuError */
export async function clonedRoot(
  ctx: DumpContext,
  table: Table,
  mount: FoundMount,
  inside: Agent,
): Promise<number> {
  const agent =
    mount.flags & MS_UNBINDABLE
      ? await uncovered(ctx, table, coversOf(table, mount))
      : await sees(ctx, table, mount, inside);
  const p = new Program(`files of the mount at ${mount.mountpoint}`);
  const at = p.syscall('openat', [AT_FDCWD, p.cstring(mount.mountpoint), O_PATH | O_CLOEXEC], {
    label: `mount at ${mount.mountpoint}`,
  });
  const clone = cloneMount(p, at, '', `mount at ${mount.mountpoint}`);
  p.syscall('close', [at]);
  const root = p.syscall('openat', [clone, p.cstring('.'), O_RDONLY | O_DIRECTORY], {
    label: `root of the mount at ${mount.mountpoint}`,
  });
  p.sendFd(root);
  p.syscall('close', [clone]);
  const result = await agent.run(p).catch((error) => {
    throw isLocked(error) ? locked(mount, error) : error;
  });
  const [fd] = result.fds;
  // A descriptor is sent at the end of its program, so another one closes it.
  const after = new Program('close');
  after.syscall('close', [result.value(root)]);
  await agent.run(after);
  if (fd === undefined) throw new CriuError('INTERNAL', 'no descriptor came', { file: mount.mountpoint });
  return fd;
}
