// Binds Unix sockets: in the right folder, replacing stale socket files, and also to names that were deleted.
import { type DataRef, Mark, type Program } from '@criu/compel';
import { decodeName } from '@criu/native';
import { lstatSync, unlinkSync } from '@criu/native/fs';
import {
  AF_UNIX,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_PATH,
  S_IFMT,
  S_IFSOCK,
  STATX_TYPE,
  sockaddr_un,
  statx,
} from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { UnixSkEntry } from '../../../images/types.js';
import { below, isBelow } from '../../../views/mount-paths.js';
import { type Mount, mountAt } from '../../../views/mount-tree.js';
import { plannedNamespaces } from '../../../views/planned.js';
import { hiddenFrom, plannedMounts } from '../../../views/planned-mounts.js';
import { moveTo } from '../common.js';
import type { FileMaker } from '../kind.js';
import { nameKey, socketPath } from './graph.js';
import { inUnreachableRoot } from './unreachable.js';

/** struct sockaddr_un with the given name, and its length. */
export function address(p: Program, name: Uint8Array) {
  const bytes = Buffer.alloc(sockaddr_un.sun_path + name.length);
  bytes.writeUInt16LE(AF_UNIX, sockaddr_un.sun_family);
  bytes.set(name, sockaddr_un.sun_path);
  return [p.data(bytes), bytes.length] as const;
}

/** What is bound: an address, the folder it is relative to, and owner and mode of its file. */
type Bound = Pick<UnixSkEntry, 'name' | 'name_dir' | 'file_perms'> &
  Partial<Pick<UnixSkEntry, 'mnt_id' | 'file_name'>>;

/** Folder for the temporary name of a sender that has ended and had a relative address. */
const ANYWHERE = '/tmp';

/** Enters the folder to which a relative name refers. */
export function enterFolder(p: Program, socket: Bound): void {
  const path = socketPath(socket);
  if (!path || path[0] === 0x2f || !socket.name_dir) return;
  p.syscall('chdir', [p.cstring(socket.name_dir)], { label: `folder of ${decodeName(path)}` });
}

function bindHere(p: Program, fd: number, socket: Bound): void {
  const path = socketPath(socket);
  const text = path ? decodeName(path) : `@${decodeName(socket.name.subarray(1))}`;
  p.syscall('bind', [fd, ...address(p, socket.name)], { label: `bind ${text}` });
  const perms = socket.file_perms;
  if (!path || !perms) return;
  p.syscall('fchownat', [AT_FDCWD, p.cstring(path), perms.uid, perms.gid, 0], { label: `owner of ${text}` });
  p.syscall('fchmodat', [AT_FDCWD, p.cstring(path), perms.mode & 0o7777], { label: `mode of ${text}` });
}

function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
}

const SOCKET_LEFT = 'remove what the socket has left';

/** Removes the file at the address, if it is a socket: only a stale one may be replaced. */
function removeOld(p: Program, path: DataRef): void {
  const room = p.data(statx.sizeof);
  const kept = new Mark();
  p.syscall('statx', [AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, room], {
    orGoTo: kept,
    label: SOCKET_LEFT,
  });
  p.pollWord(p.at(room, statx.stx_mode), S_IFMT, S_IFSOCK, 0, { orGoTo: kept, label: SOCKET_LEFT });
  p.syscall('unlinkat', [AT_FDCWD, path, 0], { expect: 'any', label: SOCKET_LEFT });
  p.here(kept);
}

interface Elsewhere {
  /** The path of its folder there. */
  readonly folder: string | undefined;
  back(): void;
}

/**
 * The path of a folder on a covered mount within a detached clone of that mount.
 * @throws CriuError if the folder has no such path
 */
function inClone(mount: Mount, shown: string, socket: Bound, full: string): string | undefined {
  const absolute = socketPath(socket)?.[0] === 0x2f;
  const whole = mount.mountpoint === '/' && shown === mount.root;
  const { name_dir: folder } = socket;
  if (whole) return folder;
  if (absolute || folder === undefined || !isBelow(folder, mount.mountpoint))
    throw new CriuError(
      'UNSUPPORTED',
      `the socket ${full} is on the mount at ${mount.mountpoint}, which others cover: it cannot be bound by that name`,
      { file: 'files.img' },
      'unmount what covers it before the dump',
    );
  const inFileSystem = `${mount.root === '/' ? '' : mount.root}/${below(folder, mount.mountpoint)}`;
  return `/${below(inFileSystem, shown)}`;
}

/**
 * Takes the task to the place of a socket that its path does not reach: another mount namespace, or below a covering
 * mount.
 */
function goWhere(ctx: PlanContext, plan: TaskPlan, full: string, socket: Bound): Elsewhere {
  const folder = socket.name_dir;
  const hidden = hiddenFrom(ctx, plan, full, socket.mnt_id);
  if (!hidden) return { folder, back: () => undefined };
  const { mount } = hidden;
  const [own, root] = [plan.tempFd(), plan.tempFd()];
  const mounts = plannedMounts(ctx);
  const tree = mounts.treeOf(mount.namespace);
  const clone = tree && mountAt(tree, full) !== mount ? mounts.workspace(mount) : undefined;
  plan.take('files', clone?.slot ?? mounts.slot(tree?.root ?? mount), root);
  const p = plan.program('files');
  moveTo(p, p.syscall('openat', [AT_FDCWD, p.cstring('/'), O_PATH | O_CLOEXEC]), own);
  const go = (fd: number, label: string) => {
    p.syscall('fchdir', [fd], { label });
    p.syscall('chroot', [p.cstring('.')], { label });
  };
  go(root, `where ${full} is`);
  return {
    folder: clone ? inClone(mount, clone.root, socket, full) : folder,
    back: () => go(own, 'back from there'),
  };
}

/**
 * Whether the socket can only be reached by a descriptor of its file: its name was deleted, or the task's path does not
 * lead there.
 */
export function needsHold({ ctx, plan }: Pick<FileMaker, 'ctx' | 'plan'>, socket: UnixSkEntry): boolean {
  if (!socketPath(socket)) return false;
  return (
    socket.deleted === true ||
    socket.file_name !== undefined ||
    hiddenFrom(ctx, plan, nameKey(socket) ?? '', socket.mnt_id) !== undefined
  );
}

/**
 * A failed restore removes the socket files that it has made in the caller's namespace, where they would stay
 * otherwise.
 */
function noteMade(ctx: PlanContext, plan: TaskPlan, full: string): void {
  let made = false;
  ctx.prepare(`look at ${full}`, () => {
    if (plannedNamespaces(ctx).of(plan, 'mnt')?.host === false) return;
    made = lstatSync(full, { throwIfNoEntry: false }) === undefined;
  });
  ctx.cleanup(`remove ${full}`, () => {
    if (made) removeSocket(full);
  });
}

/** Removes a stale socket file for a plugin that will bind the socket, in the namespaces of the command. */
export function freeName({ ctx, plan }: Pick<FileMaker, 'ctx' | 'plan'>, socket: Bound): void {
  if (!socketPath(socket)) return;
  const full = nameKey(socket) ?? '';
  noteMade(ctx, plan, full);
  ctx.prepare(`remove ${full}`, () => removeSocket(full));
}

/** A path with another last part. */
function beside(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}

/**
 * Binds a socket.
 * @param hold number for a descriptor of its file, for sockets whose name does not lead there
 */
export function bindSocket(
  { ctx, plan }: Pick<FileMaker, 'ctx' | 'plan'>,
  fd: number,
  socket: Bound,
  hold: number | undefined,
  deleted = hold !== undefined,
): void {
  const path = socketPath(socket);
  if (!path) {
    bindHere(plan.program('files'), fd, socket);
    return;
  }
  const full = nameKey(socket) ?? '';
  const keep = (p: Program, there: DataRef) => {
    if (hold === undefined) return;
    const held = p.syscall('openat', [AT_FDCWD, there, O_PATH | O_CLOEXEC], { label: `hold ${full}` });
    moveTo(p, held, hold);
  };
  if (deleted) {
    const p = plan.program('files');
    const there = p.cstring(path);
    inUnreachableRoot(p, full, () => {
      enterFolder(p, socket);
      bindHere(p, fd, socket);
      keep(p, there);
      p.syscall('unlinkat', [AT_FDCWD, there, 0], { label: `delete ${full} again` });
    });
    return;
  }
  noteMade(ctx, plan, full);
  const { folder, back } = goWhere(ctx, plan, full, socket);
  const p = plan.program('files');
  const there = p.cstring(path);
  enterFolder(p, folder === undefined ? socket : { ...socket, name_dir: folder });
  removeOld(p, there);
  bindHere(p, fd, socket);
  if (socket.file_name === undefined) keep(p, there);
  else {
    noteMade(ctx, plan, beside(full, socket.file_name));
    const now = p.cstring(beside(decodeName(path), socket.file_name));
    p.syscall('renameat2', [AT_FDCWD, there, AT_FDCWD, now, 0], { label: `rename ${full} again` });
    keep(p, now);
  }
  back();
}

/**
 * Gives a socket an address without touching an existing file there. With a path, the socket can be reached by the
 * descriptor `file` afterwards; without `file`, that descriptor is closed.
 */
export function bindForAMoment(maker: FileMaker, fd: number, name: Buffer, file?: number): void {
  const held = file ?? maker.plan.tempFd();
  const socket = { name, name_dir: ANYWHERE };
  bindSocket(maker, fd, socket, held);
  if (socketPath(socket) && file === undefined) maker.plan.program('files').syscall('close', [held]);
}
