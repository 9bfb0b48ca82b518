// memfd_create(2), and shared anonymous memory, which is a file of the same file system: inode and content once,
// each description with flags and position.
import type { BigIntStats } from 'node:fs';
import { fstatSync } from 'node:fs';
import { type Encodable, FdTypes, type FownEntry, type MemfdFileEntry } from '@criu/images';
import { close, cstring, sys, sysRaw } from '@criu/native';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stripDeleted } from '../../../proc/index.js';
import { dumpShmem } from '../../memory/shmem-dump.js';
import type { FileKind } from '../kind.js';
import { S_IFREG } from '../open-file.js';

const F_GET_SEALS = 1034;
const F_SEAL_SEAL = 1;
const PREFIX = '/memfd:';

interface Inodes {
  readonly ids: Map<string, bigint>;
  readonly dev: bigint;
}

const states = new WeakMap<DumpContext, Inodes>();

function inodesOf(ctx: DumpContext): Inodes {
  let state = states.get(ctx);
  if (!state) {
    // All memfds and shared anonymous mappings live on one kernel-internal mount.
    const probe = sys('memfd_create', cstring('probe'), 1);
    state = { ids: new Map(), dev: fstatSync(probe, { bigint: true }).dev };
    close(probe);
    states.set(ctx, state);
  }
  return state;
}

/** Whether a file is on the mount of memfds. */
export function isMemfd(ctx: DumpContext, stat: BigIntStats): boolean {
  return stat.dev === inodesOf(ctx).dev && (Number(stat.mode) & 0o170000) === S_IFREG;
}

/** Whether the content of a memfd has this number in the images. */
export function hasMemfdNumber(ctx: DumpContext, shmid: number): boolean {
  return [...inodesOf(ctx).ids.keys()].some((key) => shmidOf(BigInt(key.split(':')[1]!)) === shmid);
}

function shmidOf(ino: bigint): number {
  return Number(ino & 0xffffffffn);
}

/** Id of the inode; its entry and content go to the images when it is met first. `fd`: any descriptor of it. */
function inodeId(ctx: DumpContext, fd: number, link: string, stat: BigIntStats): bigint {
  const { ids } = inodesOf(ctx);
  const key = `${stat.dev}:${stat.ino}`;
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = BigInt(ids.size + 1);
  ids.set(key, id);
  const path = stripDeleted(link);
  const shmid = shmidOf(stat.ino);
  const seals = sysRaw('fcntl', fd, F_GET_SEALS);
  dumpShmem(ctx, fd, shmid, stat.size);
  ctx.images.add('MEMFD_INODE', {
    name: path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: stat.size,
    shmid,
    seals: seals < 0 ? F_SEAL_SEAL : seals,
    inode_id: id,
    mode: Number(stat.mode),
  });
  return id;
}

export interface MemfdFile {
  readonly fd: number;
  readonly link: string;
  readonly stat: BigIntStats;
  readonly flags: number;
  readonly pos: bigint;
  readonly fown: FownEntry;
}

export function memfdEntry(ctx: DumpContext, id: number, file: MemfdFile): Encodable<MemfdFileEntry> {
  return {
    id,
    flags: file.flags,
    pos: file.pos,
    fown: file.fown,
    inode_id: Number(inodeId(ctx, file.fd, file.link, file.stat)),
  };
}

export const memfd: FileKind = {
  name: 'memfd',
  type: FdTypes.MEMFD,
  matches: (file, ctx) => file.mode === S_IFREG && isMemfd(ctx, file.stat),
  dump: (ctx, _task, file, id) => ({ memfd: memfdEntry(ctx, id, { ...file, fd: file.local }) }),
};
