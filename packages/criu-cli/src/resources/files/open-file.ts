// One descriptor of a task as the dump sees it: our own copy of it, and what the kernel tells about it.
import type { FownEntry } from '@criu/images';
import { SysError, sys, sysRaw } from '@criu/native';
import { type BigIntStats, fstatSync } from '@criu/native/fs';
import {
  F_GETOWN_EX,
  F_GETOWNER_UIDS,
  F_GETSIG,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import { asCriuError } from '../../errors.js';
import { type FdInfo, type FdTarget, parseFdLink, readFdInfo } from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { OVERFLOW_ID, userInside } from '../../views/users.js';
import { O_CLOEXEC, O_PATH } from './common.js';

export {
  FD_CLOEXEC,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '@criu/native/uapi';

/** f_type of statfs(2). */
export const FsMagic = {
  ANON_INODE: 0x09041934,
  PIPE: 0x50495045,
  PROC: 0x9fa0,
  DEVPTS: 0x1cd1,
  PIDFS: 0x50494446,
  OVERLAYFS: 0x794c7630,
  NFS: 0x6969,
};

export interface OpenFile {
  readonly pid: number;
  readonly fd: number;
  /** Our copy of the descriptor, or of the file behind something that is no descriptor. */
  readonly local: number;
  readonly link: string;
  readonly target: FdTarget;
  readonly stat: BigIntStats;
  readonly mode: number;
  readonly fsType: number;
  readonly info: FdInfo;
  /** O_* of the description. */
  readonly flags: number;
  readonly pos: bigint;
  readonly fown: FownEntry;
}

export const NO_OWNER: FownEntry = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };

export function major(dev: bigint): number {
  return Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n));
}

export function minor(dev: bigint): number {
  return Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n));
}

/** A device number as the kernel packs it, and images have it: minor in the low 20 bits. */
export function kernelDev(dev: bigint): number {
  return ((major(dev) << 20) | minor(dev)) >>> 0;
}

/** Kind of a file for messages: what the link says, and where it leads. */
export function describeFile(file: OpenFile): string {
  const kinds: Record<number, string> = {
    [S_IFSOCK]: 'socket',
    [S_IFCHR]: 'character device',
    [S_IFBLK]: 'block device',
    [S_IFIFO]: 'pipe',
    [S_IFREG]: 'file',
    [S_IFDIR]: 'directory',
  };
  const { stat } = file;
  const device =
    file.mode === S_IFCHR || file.mode === S_IFBLK ? ` ${major(stat.rdev)}:${minor(stat.rdev)}` : '';
  return `${kinds[file.mode] ?? 'file'}${device} ${file.link}`;
}

export function fsTypeOf(fd: number): number {
  const buffer = Buffer.alloc(120);
  sys('fstatfs', fd, buffer);
  return buffer.readUInt32LE(0);
}

function ownerOf(ctx: DumpContext, fd: number, flags: number): FownEntry {
  if (flags & O_PATH) return NO_OWNER;
  const signum = sysRaw('fcntl', fd, F_GETSIG);
  const owner = new Int32Array(2);
  sysRaw('fcntl', fd, F_GETOWN_EX, owner);
  const [type = 0, pid = 0] = owner;
  if (pid === 0) return signum > 0 ? { ...NO_OWNER, signum } : NO_OWNER;
  const uids = new Uint32Array(2);
  sys('fcntl', fd, F_GETOWNER_UIDS, uids);
  // Who is not mapped is nobody for the tasks.
  const [uid, euid] = [...uids].map((id) => userInside(ctx, id) ?? OVERFLOW_ID);
  return {
    uid: uid ?? 0,
    euid: euid ?? 0,
    signum: Math.max(0, signum),
    pid_type: type,
    pid,
  };
}

/** Types of file systems by the mounts that files are on. A mount stays as long as a file on it is open. */
const fileSystems = stateKey('types of file systems', (_: DumpContext): Map<number, number> => new Map());

function typeOn(ctx: DumpContext, mount: number, fd: number): number {
  const types = ctx.states.get(fileSystems);
  const known = types.get(mount);
  if (known !== undefined) return known;
  const type = fsTypeOf(fd);
  types.set(mount, type);
  return type;
}

/** Brings a descriptor of a task over and looks at it. The caller closes `local`. @throws CriuError */
export function openFile(ctx: DumpContext, pid: number, pidfd: number, fd: number, link: string): OpenFile {
  const local = sysRaw('pidfd_getfd', pidfd, fd, 0);
  if (local < 0) {
    throw asCriuError(new SysError('pidfd_getfd', -local), 'cannot get a copy of the descriptor', {
      pid,
      fd,
    });
  }
  try {
    const stat = fstatSync(local, { bigint: true });
    const info = readFdInfo(pid, fd);
    return {
      pid,
      fd,
      local,
      link,
      target: parseFdLink(link),
      stat,
      mode: Number(stat.mode) & S_IFMT,
      fsType: typeOn(ctx, info.mntId, local),
      info,
      flags: info.flags & ~O_CLOEXEC,
      pos: info.pos,
      fown: ownerOf(ctx, local, info.flags),
    };
  } catch (error) {
    sysRaw('close', local);
    throw asCriuError(error, 'cannot look at the descriptor', { pid, fd });
  }
}
