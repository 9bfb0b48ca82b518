// Mounts of a single socket, which are refused: when a program has bound the socket again, the mount would show the old file.
import { type Agent, ProgramError } from '@criu/compel';
import { close, cstring, sysRaw } from '@criu/native';
import { fstatSync, lstatSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  EINVAL,
  S_IFMT,
  S_IFSOCK,
  STATX_MNT_ID,
  STATX_TYPE,
  statx,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import { mountTables } from '../../../views/mounts.js';
import { isBoundFile } from '../../files/unix/bound-files.js';
import { sees } from './clean-root.js';
import { rootOf } from './removed.js';
import type { FoundMount } from './table.js';
import type { Table } from './tables.js';

/** By file system and path on it: mounts of the same file, in several namespaces as a rule, are looked at once. */
const answers = stateKey('mounts of sockets', (_: DumpContext) => new Map<string, boolean>());

/** Looks at the file by the path of its mount; undefined if that leads to another mount, which covers it. */
function look(path: string, mountId: number): boolean | undefined {
  const struct = Buffer.alloc(statx.sizeof);
  const asked = STATX_TYPE | STATX_MNT_ID;
  if (sysRaw('statx', AT_FDCWD, cstring(path), AT_SYMLINK_NOFOLLOW, asked, struct) < 0) return undefined;
  if (Number(struct.readBigUInt64LE(statx.stx_mnt_id)) !== mountId) return undefined;
  return (struct.readUInt16LE(statx.stx_mode) & S_IFMT) === S_IFSOCK;
}

/** Looks at the file in a copy of the namespace without the mounts that cover it. */
async function uncover(ctx: DumpContext, table: Table, mount: FoundMount, inside: Agent): Promise<boolean> {
  let fd: number;
  try {
    fd = await rootOf(mount, await sees(ctx, table, mount, inside));
  } catch (error) {
    // A mount that is locked below others (mount_namespaces(7)) can never be uncovered by the tasks.
    if (error instanceof ProgramError && error.call === 'umount2' && error.errno === EINVAL) return false;
    throw error;
  }
  try {
    return fstatSync(fd).isSocket();
  } finally {
    close(fd);
  }
}

/**
 * Whether a mount from outside is that of a single file, to which a socket of the tasks is bound: their restore makes
 * another file of that name.
 */
export function showsOwnSocket(ctx: DumpContext, { namespace }: Table, mount: FoundMount): boolean {
  const [member] = namespace.members;
  if (mount.root === '/' || mount.deleted || !member) return false;
  const { root } = mountTables(ctx).of(member.pid);
  if (root === undefined) return false;
  const path = root + mount.mountpoint;
  return look(path, mount.id) === true && isBoundFile(ctx, lstatSync(path, { bigint: true }));
}

/** Whether a mount is that of a single file, which is a socket. @param inside an agent in the mount's namespace */
export async function showsSocket(
  ctx: DumpContext,
  table: Table,
  mount: FoundMount,
  inside: Agent,
): Promise<boolean> {
  const [member] = table.namespace.members;
  if (mount.root === '/' || !member) return false;
  const known = ctx.states.get(answers);
  // Several removed files may have had the same name.
  const key = mount.deleted ? `mount ${mount.id}` : `${mount.dev} ${mount.root}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const { root } = mountTables(ctx).of(member.pid);
  const shows =
    (root === undefined ? undefined : look(root + mount.mountpoint, mount.id)) ??
    (await uncover(ctx, table, mount, inside));
  known.set(key, shows);
  return shows;
}
