// Idmapped mounts (mount_setattr(2)): files on them have other owners than in their file system. The map of an external one is in
// its entry, and given to the mount from outside unless that has one of its own.
import { Agent, Program } from '@criu/compel';
import type { MountIds, UidGidExtent } from '@criu/images';
import { cstring, decodeCString, sys } from '@criu/native';
import { closeSync, constants, openSync, writeFileSync } from '@criu/native/fs';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  MOUNT_ATTR_IDMAP,
  mount_attr,
  O_CLOEXEC,
  O_PATH,
  STATX_MNT_ID,
} from '@criu/native/uapi';
import { asCriuError, CriuError } from '../../../errors.js';
import { type MountInfo, parseIdMap, readMountInfo } from '../../../proc/index.js';
import { CLONE_NEW } from '../../../proc/namespaces.js';
import { mountIdOf } from '../../../views/mounts.js';

const IDMAPPED = 'idmapped';

/** statmount(2) of Linux 6.15. */
const STATMOUNT_MNT_UIDMAP = 0x2000;
const STATMOUNT_MNT_GIDMAP = 0x4000;
/** struct mnt_id_req as of Linux 6.8. */
const REQUEST = 24;
/** Offsets in struct statmount: the strings of a list follow one another, each with a NUL. */
const MASK = 8;
const USERS = 152;
const GROUPS = 160;
const STRINGS = 512;
/** Bytes; a map has up to 340 lines. */
const ROOM = 1 << 15;

/** Linux 6.8. */
const STATX_MNT_ID_UNIQUE = 0x4000;
const STATX_SIZE = 256;
const STX_MASK = 0;
const STX_MNT_ID = 0x90;

export function isMapped({ options }: Pick<MountInfo, 'options'>): boolean {
  return options.includes(IDMAPPED);
}

/** The id of the mount that a path leads to, of one of two kinds; undefined if the kernel does not tell. */
async function mountId(inside: Agent, path: string, kind: number): Promise<bigint | undefined> {
  const p = new Program(`mount at ${path}`);
  const found = p.out(STATX_SIZE);
  p.syscall('statx', [AT_FDCWD, p.cstring(path), 0, kind, found], { expect: 'any' });
  const bytes = (await inside.run(p)).bytes(found);
  return bytes.readUInt32LE(STX_MASK) & kind ? bytes.readBigUInt64LE(STX_MNT_ID) : undefined;
}

function extents(answer: Buffer, at: number): UidGidExtent[] {
  const lines: string[] = [];
  let offset = STRINGS + answer.readUInt32LE(at + 4);
  for (let left = answer.readUInt32LE(at); left > 0; left--) {
    const line = decodeCString(answer.subarray(offset));
    lines.push(`${line}\n`);
    offset += Buffer.byteLength(line) + 1;
  }
  return parseIdMap(lines.join('')).map(({ inside, outside, count }) => ({
    first: inside,
    lower_first: outside,
    count,
  }));
}

async function readIds(inside: Agent, { mntId, mountPoint }: MountInfo): Promise<MountIds | undefined> {
  const unique = await mountId(inside, mountPoint, STATX_MNT_ID_UNIQUE);
  if (unique === undefined || (await mountId(inside, mountPoint, STATX_MNT_ID)) !== BigInt(mntId))
    return undefined;
  const p = new Program(`map of ids at ${mountPoint}`);
  const answer = p.out(ROOM);
  const request = p.u64(REQUEST, unique, STATMOUNT_MNT_UIDMAP | STATMOUNT_MNT_GIDMAP);
  p.syscall('statmount', [request, answer, ROOM, 0], { expect: 'any' });
  const bytes = (await inside.run(p)).bytes(answer);
  const told = Number(bytes.readBigUInt64LE(MASK));
  if (!(told & STATMOUNT_MNT_UIDMAP) || !(told & STATMOUNT_MNT_GIDMAP)) return undefined;
  return { users: extents(bytes, USERS), groups: extents(bytes, GROUPS) };
}

/**
 * The maps of idmapped mounts of a task, with ids as this process sees them, asked for inside their namespace: from outside
 * the kernel finds no mount in some namespaces. Those are missing whose map the kernel does not tell (before Linux 6.15), or
 * that another mount covers.
 */
export async function readMaps<T extends { readonly info: MountInfo }>(
  pid: number,
  mounts: readonly T[],
): Promise<Map<T, MountIds>> {
  const found = new Map<T, MountIds>();
  if (mounts.length === 0) return found;
  await using inside = Agent.start({ name: 'maps of ids' });
  const namespace = openSync(`/proc/${pid}/ns/mnt`, constants.O_RDONLY);
  try {
    const p = new Program('mounts of the tasks');
    p.syscall('setns', [p.fd(namespace), CLONE_NEW.mnt], { label: 'mount namespace' });
    await inside.run(p);
  } finally {
    closeSync(namespace);
  }
  for (const mount of mounts) {
    const ids = await readIds(inside, mount.info);
    if (ids) found.set(mount, ids);
  }
  return found;
}

/** Whether a path of this process leads to an idmapped mount. */
function leadsToMapped(path: string): boolean {
  const fd = openSync(path, O_PATH | O_CLOEXEC);
  try {
    const id = mountIdOf(fd);
    return readMountInfo(process.pid).some((mount) => mount.mntId === id && isMapped(mount));
  } finally {
    closeSync(fd);
  }
}

function text(map: readonly UidGidExtent[]): string {
  return map.map(({ first, lower_first, count }) => `${first} ${lower_first} ${count}\n`).join('');
}

/**
 * Gives a detached clone of the mount at `path` a map of ids, unless that mount has one: then it is what the caller wants.
 * @throws CriuError for a file system that takes none, or ids that this user namespace does not have
 */
export async function giveIds(mount: number, path: string, { users, groups }: MountIds): Promise<void> {
  if (leadsToMapped(path)) return;
  await using holder = Agent.start({ name: 'map of ids', flags: BigInt(CLONE_NEW.user) });
  try {
    writeFileSync(`/proc/${holder.pid}/uid_map`, text(users));
    writeFileSync(`/proc/${holder.pid}/gid_map`, text(groups));
    const namespace = openSync(`/proc/${holder.pid}/ns/user`, constants.O_RDONLY);
    try {
      const change = new BigUint64Array([BigInt(MOUNT_ATTR_IDMAP), 0n, 0n, BigInt(namespace)]);
      sys('mount_setattr', mount, cstring(''), AT_EMPTY_PATH, change, mount_attr.sizeof);
    } finally {
      closeSync(namespace);
    }
  } catch (error) {
    throw new CriuError(
      'SYSCALL',
      'cannot map the ids of the mount, which was idmapped',
      { file: path },
      'give a mount that has its map already (mount -o bind,X-mount.idmap=…)',
      asCriuError(error, 'cannot map ids'),
    );
  }
}
