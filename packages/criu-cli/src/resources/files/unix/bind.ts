// bind(2) of Unix sockets: in the right folder, over what an earlier life left there, also to names deleted since.
import type { Program } from '@criu/compel';
import { decodeName } from '@criu/native';
import { lstatSync, unlinkSync } from '@criu/native/fs';
import type { UnixSkEntry } from '../../../images/types.js';
import { AT_FDCWD, moveTo, O_CLOEXEC, O_PATH } from '../common.js';
import type { FileMaker } from '../kind.js';
import { nameKey, socketPath } from './graph.js';
import { inUnreachableRoot } from './unreachable.js';

const AF_UNIX = 1;

/** struct sockaddr_un as it was given, and its length. */
export function address(p: Program, name: Uint8Array) {
  const bytes = Buffer.alloc(2 + name.length);
  bytes.writeUInt16LE(AF_UNIX, 0);
  bytes.set(name, 2);
  return [p.data(bytes), bytes.length] as const;
}

/** What is bound: an address, the folder it starts in, and owner and mode of its file. */
type Bound = Pick<UnixSkEntry, 'name' | 'name_dir' | 'file_perms'>;

/** Where a relative address of somebody who is gone may stand for a moment. */
const ANYWHERE = '/tmp';

/** Names that are not absolute are relative to a folder that the image has. */
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

/** Binds a socket; one whose name was deleted can be reached by the descriptor `ghost` afterwards. */
export function bindSocket(
  { ctx, plan }: Pick<FileMaker, 'ctx' | 'plan'>,
  fd: number,
  socket: Bound,
  ghost: number | undefined,
): void {
  const p = plan.program('files');
  const path = socketPath(socket);
  if (!path) {
    bindHere(p, fd, socket);
    return;
  }
  const full = nameKey(socket) ?? '';
  if (ghost !== undefined) {
    const there = p.cstring(path);
    inUnreachableRoot(p, full, () => {
      enterFolder(p, socket);
      bindHere(p, fd, socket);
      const held = p.syscall('openat', [AT_FDCWD, there, O_PATH | O_CLOEXEC], { label: `hold ${full}` });
      moveTo(p, held, ghost);
      p.syscall('unlinkat', [AT_FDCWD, there, 0], { label: `delete ${full} again` });
    });
    return;
  }
  enterFolder(p, socket);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  // Only what the socket itself left behind may go.
  if (!stat) ctx.cleanup(`remove ${full}`, () => removeSocket(full));
  if (stat?.isSocket()) p.syscall('unlinkat', [AT_FDCWD, p.cstring(path), 0], { expect: 'any' });
  bindHere(p, fd, socket);
}

/**
 * Gives a socket an address, and leaves whatever file stands there as it is. A path can be reached by the descriptor
 * `file` afterwards; unless one is given, it is closed.
 */
export function bindForAMoment(maker: FileMaker, fd: number, name: Buffer, file?: number): void {
  const held = file ?? maker.plan.tempFd();
  const socket = { name, name_dir: ANYWHERE };
  bindSocket(maker, fd, socket, held);
  if (socketPath(socket) && file === undefined) maker.plan.program('files').syscall('close', [held]);
}
