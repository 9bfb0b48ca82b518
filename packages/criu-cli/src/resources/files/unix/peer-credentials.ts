// Peer credentials (SO_PEERCRED, SO_PEERGROUPS of unix(7)) in the form of images.
import { abi, addon, type Questions, sysRaw } from '@criu/native';
import { AF_UNIX, ERANGE, SO_PEERCRED, SO_PEERGROUPS, SOL_SOCKET, ucred } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { LiveTask } from '../../../engine/dump-task.js';
import { readStat, TaskGoneError } from '../../../proc/index.js';
import { asHostPid, lookInside } from '../../../proc/pids.js';
import { stateKey } from '../../../states.js';
import { ownsNamespace } from '../../../views/namespaces.js';
import { groupInside, OVERFLOW_ID, userInside } from '../../../views/users.js';
import type { OpenFile } from '../open-file.js';
import { askSockets } from '../sockets/questions.js';

const NOBODY = 0xffffffff;

/** Bytes for the credentials, and for the groups of most processes. */
const ROOM = { credentials: ucred.sizeof, groups: 64 * 4 } as const;
const WANTED = Int32Array.of(
  ...[SOL_SOCKET, SO_PEERCRED, ROOM.credentials],
  ...[SOL_SOCKET, SO_PEERGROUPS, ROOM.groups],
);

/** All groups of a peer with many groups. */
function manyGroups(fd: number): Uint32Array {
  for (let room = ROOM.groups; ; room *= 4) {
    const groups = new Uint32Array(room);
    const length = new Uint32Array([groups.byteLength]);
    const result = sysRaw('getsockopt', fd, SOL_SOCKET, SO_PEERGROUPS, groups, length);
    if (result === 0) return groups.subarray(0, (length[0] ?? 0) / 4);
    if (result !== -ERANGE) return new Uint32Array();
  }
}

/** The kernel's answer about the peer of a socket: lengths or -errno, followed by words. */
class PeerAnswer {
  private readonly all = Buffer.from(new ArrayBuffer(8 + ROOM.credentials + ROOM.groups));
  private readonly lengths = new Int32Array(this.all.buffer, 0, 2);
  private readonly words = new Uint32Array(this.all.buffer, 8);
  private readonly questions: Questions | undefined;
  /** The image fields for each answer, by its number: most sockets of a program have the same peer. */
  private readonly meanings: (readonly number[])[] = [];
  private number = 0;

  constructor(ctx: DumpContext) {
    this.questions = askSockets(ctx, { family: AF_UNIX }, abi.DESCRIPTOR_PEER, WANTED);
  }

  /** Reads the peer of a socket, unless the answer is known already. */
  read({ local, answers }: OpenFile): readonly number[] | undefined {
    this.number = this.questions ? answers.peer : 0;
    const known = this.meanings[this.number];
    if (known) return known;
    this.all.fill(0);
    if (this.questions && this.number > 0) this.all.set(addon().answerTo(this.questions, this.number));
    else addon().readOptions(local, WANTED, this.lengths, this.all.subarray(8));
    return undefined;
  }

  means(ids: readonly number[]): void {
    // Groups that did not fit are read individually.
    if (this.number > 0 && this.lengths[1] !== -ERANGE) this.meanings[this.number] = ids;
  }

  /** Pid, uid and gid; empty if the socket has no peer credentials. */
  get ids(): readonly number[] {
    return (this.lengths[0] ?? 0) < 0 ? [] : [...this.words.subarray(0, ROOM.credentials / 4)];
  }

  groups(fd: number): Uint32Array {
    const [, length = 0] = this.lengths;
    const from = ROOM.credentials / 4;
    return length === -ERANGE ? manyGroups(fd) : this.words.subarray(from, from + Math.max(0, length) / 4);
  }
}

const answers = stateKey('peers of Unix sockets', (ctx: DumpContext) => new PeerAnswer(ctx));

function isThere(pid: number): boolean {
  try {
    readStat(pid);
    return true;
  } catch (error) {
    if (error instanceof TaskGoneError) return false;
    throw error;
  }
}

/** The pid for the images, once all tasks are known; 0 if no restored process can have it. */
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

/** Pid as we see it, uid, gid and supplementary groups of the peer; empty if the socket was never connected. */
export function peerCredentials(ctx: DumpContext, task: LiveTask, file: OpenFile): number[] {
  const answer = ctx.states.get(answers);
  const known = answer.read(file);
  if (known) return [...known];
  const [pid = 0, uid = NOBODY, gid = NOBODY] = answer.ids;
  if (uid === NOBODY) return [];
  const ids = [userInside(ctx, uid), groupInside(ctx, gid)] as const;
  const groups = [...answer.groups(file.local)].flatMap((id) => groupInside(ctx, id) ?? []);
  if (ids[0] !== undefined && ids[1] !== undefined) {
    const inside = [pid, ids[0], ids[1], ...groups];
    answer.means(inside);
    return [...inside];
  }
  ctx.log.warn(
    `task ${file.pid}, fd ${file.fd}: the peer of the Unix socket is told to be user ${uid}, group ${gid}, who are not mapped in its user namespace: after a restore it is the task's own user`,
  );
  return [pid, ...ownCredentials(ctx, task).slice(1)];
}

/** The same for a task itself. */
export function ownCredentials(ctx: DumpContext, task: LiveTask): number[] {
  const { uid, gid, groups } = task.status;
  return [
    task.nsPid,
    userInside(ctx, uid[1]) ?? OVERFLOW_ID,
    groupInside(ctx, gid[1]) ?? OVERFLOW_ID,
    ...groups.flatMap((id) => groupInside(ctx, id) ?? []),
  ];
}
