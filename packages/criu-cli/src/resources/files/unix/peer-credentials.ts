// Who is on the other side of a connection (SO_PEERCRED, SO_PEERGROUPS of unix(7)), as the images have it.
import { sysRaw } from '@criu/native';
import { ERANGE, SO_PEERCRED, SO_PEERGROUPS } from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../../engine/dump-context.js';
import { readStat, TaskGoneError } from '../../../proc/index.js';
import { asHostPid, lookInside } from '../../../proc/pids.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import { groupInside, OVERFLOW_ID, userInside } from '../../../views/users.js';
import type { OpenFile } from '../open-file.js';
import { SOL_SOCKET } from '../sockets/options.js';

const NOBODY = 0xffffffff;

function peerGroups(fd: number): number[] {
  for (let room = 64; ; room *= 4) {
    const groups = new Uint32Array(room);
    const length = new Uint32Array([groups.byteLength]);
    const result = sysRaw('getsockopt', fd, SOL_SOCKET, SO_PEERGROUPS, groups, length);
    if (result === 0) return [...groups.subarray(0, (length[0] ?? 0) / 4)];
    if (result !== -ERANGE) return [];
  }
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
  const bytes = Buffer.alloc(12);
  if (sysRaw('getsockopt', file.local, SOL_SOCKET, SO_PEERCRED, bytes, new Uint32Array([12])) < 0) return [];
  const [pid, uid, gid] = [bytes.readInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  if (uid === NOBODY) return [];
  const ids = [userInside(ctx, uid), groupInside(ctx, gid)] as const;
  const groups = peerGroups(file.local).flatMap((id) => groupInside(ctx, id) ?? []);
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
