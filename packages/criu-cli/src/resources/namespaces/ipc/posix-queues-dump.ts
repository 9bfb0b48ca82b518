// POSIX message queues of an IPC namespace (mq_overview(7)). A message can only be read by receiving it. So a single
// program takes all messages out of a queue and puts them back: whatever happens to the dump meanwhile, the tasks lose
// no message.
import { type Agent, Mark, Program, type StepRef } from '@criu/compel';
import type { Encodable, PosixQueueEntry } from '@criu/images';
import { addon, close, decodeName, SysError } from '@criu/native';
import {
  ENODEV,
  FSCONFIG_CMD_CREATE,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  linux_dirent64,
  MAP_ANONYMOUS,
  MAP_NORESERVE,
  MAP_PRIVATE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NONBLOCK,
  O_RDWR,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { CriuError } from '../../../errors.js';
import { ownerInside } from '../../../views/users.js';
import {
  openQueues,
  type QueueState,
  queueState,
  refuseNotification,
} from '../../files/posix-queue/queue.js';

const PROT_READ_WRITE = PROT_READ | PROT_WRITE;
const MAP_ROOM = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
const LIST = 16384;
/** Number of messages that one program can take out and put back. */
const MOST_MESSAGES = 512;

interface Queue {
  readonly name: string | undefined;
  /** A descriptor of ours. */
  readonly fd: number;
}

function namesIn(list: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += list.readUInt16LE(at + linux_dirent64.d_reclen)) {
    const start = at + linux_dirent64.d_name;
    names.push(decodeName(list.subarray(start, list.indexOf(0, start))));
  }
  return names.filter((name) => name !== '.' && name !== '..');
}

/**
 * Mounts the mqueue file system, which need not be mounted anywhere.
 * @returns descriptor of its root; undefined if the kernel has none
 */
async function openFolder(inside: Agent): Promise<number | undefined> {
  const p = new Program('POSIX message queues');
  const none = new Mark();
  const fs = p.syscall('fsopen', [p.cstring('mqueue'), FSOPEN_CLOEXEC], { orGoTo: none });
  p.syscall('fsconfig', [fs, FSCONFIG_CMD_CREATE, null, null, 0]);
  const mount = p.syscall('fsmount', [fs, FSMOUNT_CLOEXEC, 0]);
  // The descriptor of the mount itself cannot be read, so its root is opened.
  const folder = p.syscall('openat', [mount, p.cstring('.'), O_DIRECTORY | O_CLOEXEC]);
  p.syscall('close', [mount]);
  p.syscall('close', [fs]);
  p.here(none);
  const result = await inside.run(p);
  if (result.value(fs) === -ENODEV) return undefined;
  if (result.value(fs) < 0) throw new SysError('fsopen', -result.value(fs), 'mqueue');
  return result.value(folder);
}

async function listNames(inside: Agent, folder: number): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const p = new Program('POSIX message queues');
    const list = p.out(LIST);
    const length = p.syscall('getdents64', [folder, list, LIST], { label: 'POSIX message queues' });
    const result = await inside.run(p);
    if (result.value(length) === 0) return names;
    names.push(...namesIn(result.bytes(list).subarray(0, result.value(length))));
  }
}

async function openQueue(inside: Agent, folder: number, name: string): Promise<number> {
  const label = `POSIX message queue /${name}`;
  const p = new Program(label);
  const fd = p.syscall('openat', [folder, p.cstring(name), O_RDWR | O_NONBLOCK | O_CLOEXEC], { label });
  p.sendFd(fd);
  const result = await inside.run(p);
  const after = new Program(label);
  after.syscall('close', [result.value(fd)]);
  await inside.run(after);
  const [own] = result.fds;
  if (own === undefined) throw new CriuError('INTERNAL', `${label}: no descriptor came`);
  return own;
}

type Message = PosixQueueEntry['messages'][number];

/** All messages of a queue in the order of receiving; they have been put back. @throws CriuError */
async function messagesOf(
  inside: Agent,
  { name, fd }: Queue,
  { messages, messageSize }: QueueState,
): Promise<Pick<Message, 'priority' | 'data'>[]> {
  if (messages === 0) return [];
  const what = name === undefined ? 'a POSIX message queue' : `POSIX message queue /${name}`;
  const size = messages * messageSize;
  const first = new Program(what);
  const room = first.syscall('mmap', [null, size, PROT_READ_WRITE, MAP_ROOM, -1, 0], { label: what });
  const at = (await inside.run(first)).big(room);
  const place = (i: number) => at + BigInt(i * messageSize);
  const p = new Program(`messages of ${what}`);
  const queue = p.fd(fd);
  const priorities = p.out(4 * messages);
  const taken: StepRef[] = [];
  for (let i = 0; i < messages; i++)
    taken.push(
      p.syscall('mq_timedreceive', [queue, place(i), messageSize, p.at(priorities, 4 * i, 4), null], {
        expect: 'any',
      }),
    );
  const given = taken.map((length, i) =>
    p.syscall('mq_timedsend', [queue, place(i), length, p.peek(p.at(priorities, 4 * i, 4), 4), null], {
      expect: 'any',
    }),
  );
  p.syscall('close', [queue]);
  const result = await inside.run(p);
  const missing = taken.findIndex((step) => result.value(step) < 0);
  const lost = given.findIndex((step, i) => result.value(step) < 0 && result.value(taken[i] ?? step) >= 0);
  if (missing >= 0 || lost >= 0)
    throw new CriuError(
      'UNSUPPORTED',
      `${what} is used by somebody who is not dumped${lost >= 0 ? ', and a message of it had no room any more' : ''}`,
      {},
      'dump all that use the queue, or none of them',
    );
  const all = taken.map((step, i) => {
    const data = Buffer.alloc(result.value(step));
    const got = data.length ? addon().vmRead(inside.pid, place(i), data) : 0;
    if (got !== data.length) throw new SysError('process_vm_readv', -got, what);
    return { priority: result.bytes(priorities).readUInt32LE(4 * i), data };
  });
  const last = new Program(what);
  last.syscall('munmap', [at, size]);
  await inside.run(last);
  return all;
}

async function describe(ctx: DumpContext, inside: Agent, queue: Queue): Promise<Encodable<PosixQueueEntry>> {
  const state = queueState(queue.fd);
  const { id, mode, maxMessages, messageSize } = state;
  if (state.notified !== 0) throw refuseNotification(state.notified, queue.name);
  if (state.messages > MOST_MESSAGES)
    throw new CriuError(
      'UNSUPPORTED',
      `POSIX message queue ${queue.name === undefined ? id : `/${queue.name}`} has ${state.messages} messages, more than the ${MOST_MESSAGES} that can be looked at and put back at once`,
      { pid: ctx.root.pid },
      'have some of them received before the dump',
    );
  return {
    id,
    ...(queue.name === undefined ? {} : { name: queue.name }),
    ...ownerInside(
      ctx,
      state,
      queue.name === undefined ? 'a POSIX message queue' : `the POSIX message queue /${queue.name}`,
    ),
    mode,
    max_messages: BigInt(maxMessages),
    message_size: BigInt(messageSize),
    messages: await messagesOf(inside, queue, state),
  };
}

/** Dumps the queues of the tasks' IPC namespace, including unlinked ones that tasks have open. @throws CriuError */
export async function dumpPosixQueues(
  ctx: DumpContext,
  inside: Agent,
): Promise<Encodable<PosixQueueEntry>[]> {
  const folder = await openFolder(inside);
  if (folder === undefined) return [];
  const entries: Encodable<PosixQueueEntry>[] = [];
  for (const name of await listNames(inside, folder)) {
    const fd = await openQueue(inside, folder, name);
    try {
      entries.push(await describe(ctx, inside, { name, fd }));
    } finally {
      close(fd);
    }
  }
  const p = new Program('POSIX message queues');
  p.syscall('close', [folder]);
  await inside.run(p);
  const known = new Set(entries.map(({ id }) => id));
  for (const [id, fd] of ctx.states.get(openQueues)) {
    if (known.has(id)) continue;
    if (queueState(fd).linked)
      throw new CriuError(
        'UNSUPPORTED',
        `a POSIX message queue of another IPC namespace is open`,
        { pid: ctx.root.pid },
        'close it before the dump',
      );
    entries.push(await describe(ctx, inside, { name: undefined, fd }));
  }
  return entries;
}
