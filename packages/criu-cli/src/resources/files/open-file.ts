// A descriptor of a task as seen by the dump: our copy of it, and what the kernel reports about it.
import type { FownEntry } from '@criu/images';
import { addon, close, SysError, sys } from '@criu/native';
import {
  O_CLOEXEC,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  statfs,
} from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import { asCriuError } from '../../errors.js';
import {
  type Answers,
  type Descriptor,
  DescriptorLook,
  type FdInfo,
  type FdTarget,
  type FileStat,
  ProcError,
  parseFdLink,
  type SocketFacts,
} from '../../proc/index.js';
import { stateKey } from '../../states.js';
import { OVERFLOW_ID, userInside } from '../../views/users.js';
import { questionsTo } from './sockets/questions.js';

/** Values of f_type in statfs(2). */
export const FsMagic = {
  ANON_INODE: 0x09041934,
  PIPE: 0x50495045,
  PROC: 0x9fa0,
  DEVPTS: 0x1cd1,
  PIDFS: 0x50494446,
  NSFS: 0x6e736673,
  OVERLAYFS: 0x794c7630,
  NFS: 0x6969,
  AUTOFS: 0x0187,
  MQUEUE: 0x19800202,
};

export interface OpenFile {
  readonly pid: number;
  readonly fd: number;
  /**
   * Our copy of the descriptor; or a descriptor of a file that the task has not open itself (program, mapping,
   * directory).
   */
  readonly local: number;
  readonly link: string;
  readonly target: FdTarget;
  readonly stat: FileStat;
  readonly mode: number;
  /** Properties of a socket; all are 0 for other files. */
  readonly socket: SocketFacts;
  readonly fsType: number;
  readonly info: FdInfo;
  /** O_* flags of the description. */
  readonly flags: number;
  readonly pos: bigint;
  readonly fown: FownEntry;
  /** Number of the open file description, the same for all its descriptors; -errno if unknown. */
  readonly description: number;
  readonly answers: Answers;
}

export const NO_OWNER: FownEntry = { uid: 0, euid: 0, signum: 0, pid_type: 0, pid: 0 };

export function major(dev: bigint): number {
  return Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n));
}

export function minor(dev: bigint): number {
  return Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n));
}

/** A device number in the kernel's encoding, as in images: minor in the low 20 bits. */
export function kernelDev(dev: bigint): number {
  return ((major(dev) << 20) | minor(dev)) >>> 0;
}

/** Description of a file for messages: its type and its link. */
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
  const buffer = Buffer.alloc(statfs.sizeof);
  sys('fstatfs', fd, buffer);
  return buffer.readUInt32LE(statfs.f_type);
}

function ownerOf(ctx: DumpContext, { signal, owner }: Descriptor): FownEntry {
  if (!owner) return signal ? { ...NO_OWNER, signum: signal } : NO_OWNER;
  // An owner that is not mapped appears to the tasks as the overflow id.
  const inside = (id: number) => userInside(ctx, id) ?? OVERFLOW_ID;
  return {
    uid: inside(owner.uid),
    euid: inside(owner.euid),
    signum: signal,
    pid_type: owner.type,
    pid: owner.id,
  };
}

/** File system types by mount id. A mount id stays valid while a file of the mount is open. */
const fileSystems = stateKey('types of file systems', (_: DumpContext): Map<number, number> => new Map());

function typeOn(ctx: DumpContext, mount: number, fd: number): number {
  const types = ctx.states.get(fileSystems);
  const known = types.get(mount);
  if (known !== undefined) return known;
  const type = fsTypeOf(fd);
  types.set(mount, type);
  return type;
}

function fileOf(ctx: DumpContext, pid: number, seen: Descriptor): OpenFile {
  const { fd, local, link, stat, info, socket, description, answers } = seen;
  return {
    pid,
    fd,
    local,
    link,
    target: parseFdLink(link),
    stat,
    mode: Number(stat.mode) & S_IFMT,
    socket,
    fsType: typeOn(ctx, info.mntId, local),
    info,
    flags: info.flags & ~O_CLOEXEC,
    pos: info.pos,
    fown: ownerOf(ctx, seen),
    description,
    answers,
  };
}

const descriptions = stateKey('open file descriptions', (_: DumpContext) => addon().makeDescriptions());

/** Number of descriptors per call. Copies of twice as many are open at a time. */
const AT_ONCE = 64;

/** With more descriptors than this, the next ones are read by a thread. */
const AHEAD = 16;

/**
 * Visits the open descriptors of a task in order, while a thread reads the next ones.
 * @param visit gets a function that returns the file, or throws a CriuError; our copies are closed after each batch
 */
export function eachOpenFile(
  ctx: DumpContext,
  pid: number,
  fds: readonly number[],
  visit: (file: () => OpenFile | undefined) => void,
): void {
  const pidfd = sys('pidfd_open', pid, 0);
  const begin = (from: number) => {
    const some = Int32Array.from(fds.slice(from, from + AT_ONCE));
    // The list grows while descriptors are visited: options of a kind of socket are queried once one was found.
    const tools = { descriptions: ctx.states.get(descriptions), questions: questionsTo(ctx) };
    return some.length > 0
      ? new DescriptorLook(pid, pidfd, some, tools, fds.length > AT_ONCE && some.length > AHEAD)
      : undefined;
  };
  let next: DescriptorLook | undefined;
  try {
    next = begin(0);
    for (let from = AT_ONCE; next; from += AT_ONCE) {
      using look = next;
      next = undefined;
      look.finish();
      next = begin(from);
      for (const [index, fd] of look.fds.entries()) visit(() => seenFile(ctx, pid, look, index, fd));
    }
  } finally {
    next?.[Symbol.dispose]();
    close(pidfd);
  }
}

function seenFile(
  ctx: DumpContext,
  pid: number,
  look: DescriptorLook,
  index: number,
  fd: number,
): OpenFile | undefined {
  try {
    const seen = look.at(index);
    return seen && fileOf(ctx, pid, seen);
  } catch (error) {
    // This error has a complete message already.
    if (error instanceof ProcError && error.code === 'PROC_TOO_LONG') throw error;
    const copied = !(error instanceof SysError && error.syscall === 'pidfd_getfd');
    throw asCriuError(error, `cannot ${copied ? 'look at' : 'get a copy of'} the descriptor`, { pid, fd });
  }
}
