// Who is on the other side of a connection (SO_PEERCRED, SO_PEERGROUPS of unix(7)), as the images have it.
import { addon, sysRaw } from '@criu/native';
import { ERANGE, SO_PEERCRED, SO_PEERGROUPS, SOL_SOCKET } from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { readStat, TaskGoneError } from '../../../proc/index.js';
import { asHostPid, lookInside } from '../../../proc/pids.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import { groupInside, OVERFLOW_ID, userInside } from '../../../views/users.js';
import type { OpenFile } from '../open-file.js';

const NOBODY = 0xffffffff;

/** Room for the credentials, and for the groups of most. */
const ROOM = { credentials: 12, groups: 64 * 4 } as const;
const WANTED = Int32Array.of(
  ...[SOL_SOCKET, SO_PEERCRED, ROOM.credentials],
  ...[SOL_SOCKET, SO_PEERGROUPS, ROOM.groups],
);

/** All groups, of which there are more than most have. */
function manyGroups(fd: number): Uint32Array {
  for (let room = ROOM.groups; ; room *= 4) {
    const groups = new Uint32Array(room);
    const length = new Uint32Array([groups.byteLength]);
    const result = sysRaw('getsockopt', fd, SOL_SOCKET, SO_PEERGROUPS, groups, length);
    if (result === 0) return groups.subarray(0, (length[0] ?? 0) / 4);
    if (result !== -ERANGE) return new Uint32Array();
  }
}

/** Process, user, group and supplementary groups; undefined if the socket has no such credentials. */
function readPeer(fd: number): { ids: readonly number[]; groups: Uint32Array } | undefined {
  const lengths = new Int32Array(2);
  const words = new Uint32Array((ROOM.credentials + ROOM.groups) / 4);
  addon().readOptions(fd, WANTED, lengths, new Uint8Array(words.buffer));
  const [found = 0, grouped = 0] = lengths;
  if (found < 0) return undefined;
  const from = ROOM.credentials / 4;
  const groups = words.subarray(from, from + Math.max(0, grouped) / 4);
  return { ids: [...words.subarray(0, from)], groups: grouped === -ERANGE ? manyGroups(fd) : groups };
}

function isThere(pid: number): boolean {
  try {
    readStat(pid);
    return true;
  } catch (error) {
    if (error instanceof TaskGoneError) return false;
    throw error;
  }
}

/** A process by its number in the images, when all tasks are known; 0 if no restored one can be it. */
export function peerInside(ctx: DumpContext, file: OpenFile, pid: number): number {
  const foreign = (why: string) => {
    ctx.log.warn(
      `task ${file.pid}, fd ${file.fd}: the peer of the Unix socket is told to be process ${pid}, ${why}: after a restore it is who restores it`,
    );
    return 0;
  };
  const task = ctx.tasks.find((t) => t.pid === pid);
  if (task) return task.kind === 'alive' ? task.nsPid : foreign('a zombie');
  if (pid === 0) return foreign('one of another pid namespace');
  if (isThere(pid)) return foreign('which is not dumped');
  if (!ownsNamespace(ctx, 'pid')) return pid;
  return lookInside(asHostPid(pid), ctx.root.status.nsPid.length, []) ?? foreign('which has ended');
}

/** Process, user, group and supplementary groups, the process as we see it; empty if the socket was never connected. */
export function peerCredentials(ctx: DumpContext, task: LiveTask, file: OpenFile): number[] {
  const peer = readPeer(file.local);
  if (!peer) return [];
  const [pid = 0, uid = NOBODY, gid = NOBODY] = peer.ids;
  if (uid === NOBODY) return [];
  const ids = [userInside(ctx, uid), groupInside(ctx, gid)] as const;
  const groups = [...peer.groups].flatMap((id) => groupInside(ctx, id) ?? []);
  if (ids[0] !== undefined && ids[1] !== undefined) return [pid, ids[0], ids[1], ...groups];
  ctx.log.warn(
    `task ${file.pid}, fd ${file.fd}: the peer of the Unix socket is told to be user ${uid}, group ${gid}, who are not mapped in its user namespace: after a restore it is the task's own user`,
  );
  return [pid, ...ownCredentials(ctx, task).slice(1)];
}

/** The same of a task itself. */
export function ownCredentials(ctx: DumpContext, task: LiveTask): number[] {
  const { uid, gid, groups } = task.status;
  return [
    task.nsPid,
    userInside(ctx, uid[1]) ?? OVERFLOW_ID,
    groupInside(ctx, gid[1]) ?? OVERFLOW_ID,
    ...groups.flatMap((id) => groupInside(ctx, id) ?? []),
  ];
}
