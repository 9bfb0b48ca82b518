// POSIX message queues of an IPC namespace, created with their messages before any task can see them.

import type { Program } from '@criu/compel';
import { encodeName } from '@criu/native';
import { O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, RLIMIT_MSGQUEUE, rlimit64 } from '@criu/native/uapi';
import type { PlanContext, TaskPlan } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { IpcVarEntry, PosixQueueEntry } from '../../../images/types.js';
import { agentIds } from '../../../views/planned-users.js';
import { moveTo } from '../../files/common.js';
import { madeQueues } from '../../files/posix-queue/queue.js';
import { asCreator } from './creator.js';
import { writeSysctl } from './sysctls.js';

const RLIM_INFINITY = 0xffffffffffffffffn;
/** HARD_MSGMAX and HARD_MSGSIZEMAX of the kernel, MQ_PRIO_MAX, NAME_MAX. */
const MOST = { messages: 65536n, size: 16n << 20n, priority: 32767, name: 255 } as const;

/** @throws CriuError BAD_IMAGE for an impossible queue */
function check(queues: readonly PosixQueueEntry[], file: string): void {
  const ids = new Set<number>();
  const names = new Set<string>();
  for (const { id, name, max_messages, message_size, messages } of queues) {
    const bad = (what: string): CriuError =>
      new CriuError('BAD_IMAGE', `POSIX message queue ${name ?? id}: ${what}`, { file });
    if (ids.has(id)) throw bad('it is there twice');
    ids.add(id);
    if (name !== undefined) {
      const plain = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
      if (!plain || encodeName(name).length > MOST.name) throw bad('this is not a name of a queue');
      if (names.has(name)) throw bad('another one has its name');
      names.add(name);
    }
    if (max_messages < 1n || max_messages > MOST.messages || message_size < 1n || message_size > MOST.size)
      throw bad(`room for ${max_messages} messages of ${message_size} bytes`);
    if (BigInt(messages.length) > max_messages) throw bad(`${messages.length} messages, and room for fewer`);
    for (const { priority, data } of messages)
      if (priority > MOST.priority || BigInt(data.length) > message_size)
        throw bad(`a message of ${data.length} bytes with priority ${priority}`);
  }
}

/** Raises RLIMIT_MSGQUEUE to the hard limit. */
function raiseLimit(p: Program): void {
  const label = 'limit of POSIX message queues';
  const room = p.data(rlimit64.sizeof);
  p.syscall('prlimit64', [0, RLIMIT_MSGQUEUE, null, room], { label });
  p.copy(p.at(room, rlimit64.rlim_cur), p.at(room, rlimit64.rlim_max, 8), 8);
  p.syscall('prlimit64', [0, RLIMIT_MSGQUEUE, room, null], { expect: 'any', label });
  p.syscall('prlimit64', [0, RLIMIT_MSGQUEUE, p.u64(RLIM_INFINITY, RLIM_INFINITY), null], {
    expect: 'any',
    label,
  });
}

type Limits = Pick<IpcVarEntry, 'mq_queues_max' | 'mq_msg_max' | 'mq_msgsize_max'>;

const FILES: Readonly<Record<keyof Limits, string>> = {
  mq_queues_max: 'fs/mqueue/queues_max',
  mq_msg_max: 'fs/mqueue/msg_max',
  mq_msgsize_max: 'fs/mqueue/msgsize_max',
};

function writeLimits(p: Program, now: Limits, then: Limits): void {
  for (const key of Object.keys(FILES) as (keyof Limits)[])
    if (now[key] !== then[key]) writeSysctl(p, FILES[key], String(then[key]));
}

/** The limits that are needed to create the queues; they may have been lowered since the queues were created. */
function neededLimits(queues: readonly PosixQueueEntry[], own: Limits): Limits {
  const most = (least: number, values: readonly bigint[]) => Math.max(least, ...values.map(Number));
  return {
    mq_queues_max: Math.max(own.mq_queues_max, queues.length + 1),
    mq_msg_max: most(
      own.mq_msg_max,
      queues.map(({ max_messages }) => max_messages),
    ),
    mq_msgsize_max: most(
      own.mq_msgsize_max,
      queues.map(({ message_size }) => message_size),
    ),
  };
}

function fill(root: TaskPlan, fd: number, { messages }: PosixQueueEntry, label: string): void {
  for (const { priority, data } of messages) {
    const bytes = Buffer.from(data);
    const p = root.program('namespaces');
    p.syscall('mq_timedsend', [fd, p.data(bytes), bytes.length, priority, null], {
      label: `message of ${label}`,
    });
  }
}

/** Adds steps that create all queues; sysctls are set already. @throws CriuError BAD_IMAGE */
export function makePosixQueues(ctx: PlanContext, root: TaskPlan, tunables: IpcVarEntry, file: string): void {
  const queues = tunables.posix_queues;
  if (queues.length === 0) return;
  check(queues, file);
  const limits = neededLimits(queues, tunables);
  raiseLimit(root.program('namespaces'));
  writeLimits(root.program('namespaces'), tunables, limits);
  const wanted = new Set([...ctx.checkpoint.files.values()].map((entry) => entry.posix_queue?.queue_id));
  const names = new Set(queues.map(({ name }) => name));
  for (const queue of queues) {
    const { id, uid, gid, mode, max_messages, message_size } = queue;
    let temporary = `criu-${id}`;
    while (names.has(temporary)) temporary += '-';
    const name = queue.name ?? temporary;
    const label = queue.name === undefined ? `POSIX message queue ${id}` : `POSIX message queue /${name}`;
    const fd = root.tempFd();
    const p = root.program('namespaces');
    asCreator(p, agentIds(ctx), { cuid: uid, cgid: gid }, () => {
      const attributes = p.u64(0, max_messages, message_size, 0, 0, 0, 0, 0);
      const flags = O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK;
      moveTo(p, p.syscall('mq_open', [p.cstring(name), flags, 0o600, attributes], { label }), fd);
      root.means('namespaces', label, (error) => cannotMake(label, error));
    });
    p.syscall('fchmod', [fd, mode & 0o7777], { label: `mode of ${label}` });
    fill(root, fd, queue, label);
    if (queue.name === undefined) {
      const q = root.program('namespaces');
      q.syscall('mq_unlink', [q.cstring(name)], { label: `${label}, which was unlinked` });
    }
    if (wanted.has(id)) {
      const slot = ctx.openSlot(label);
      ctx.states.get(madeQueues).set(id, slot);
      root.give('namespaces', fd, slot);
    } else root.program('namespaces').syscall('close', [fd]);
  }
  writeLimits(root.program('namespaces'), limits, tunables);
}

function cannotMake(label: string, error: unknown): CriuError {
  return new CriuError(
    'SYSCALL',
    `cannot make the ${label}`,
    {},
    'EMFILE: allow more bytes in queues (prlimit --msgqueue)',
    error,
  );
}
