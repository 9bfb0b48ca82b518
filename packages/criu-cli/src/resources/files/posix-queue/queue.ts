// What a POSIX message queue is and has, asked through a descriptor of it.

import { basename } from 'node:path';
import { sys } from '@criu/native';
import { closeSync, fstatSync, openSync, readSync } from '@criu/native/fs';
import { O_NONBLOCK, O_RDWR } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { stripDeleted } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';

export const MQUEUE_MAGIC = 0x19800202;

/** Queues that tasks have open, by inode: descriptors of ours. */
export const openQueues = stateKey('open POSIX message queues', (ctx: DumpContext) => {
  const fds = new Map<number, number>();
  ctx.onClose(() => {
    for (const fd of fds.values()) closeSync(fd);
    fds.clear();
  });
  return fds;
});

/** Queues that a restore makes, and that tasks have open: descriptors for reading and writing, by their number in the images. */
export const madeQueues = stateKey('POSIX message queues', (_: PlanContext) => new Map<number, Slot>());

export interface QueueState {
  readonly id: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly linked: boolean;
  /** mq_maxmsg, mq_msgsize and mq_curmsgs. */
  readonly maxMessages: number;
  readonly messageSize: number;
  readonly messages: number;
  /** Who is to be notified of the next message, in our pid namespace; 0 if nobody is. */
  readonly notified: number;
}

/** Opens a queue once more, for whatever is to be done with it. @throws the error of the system call */
export function reopenQueue(fd: number): number {
  return openSync(`/proc/self/fd/${fd}`, O_RDWR | O_NONBLOCK);
}

/** @param fd of our own, open for reading. @throws SysError */
export function queueState(fd: number): QueueState {
  const stat = fstatSync(fd);
  const attributes = new BigInt64Array(8);
  sys('mq_getsetattr', fd, null, attributes);
  const [, maxMessages = 0n, messageSize = 0n, messages = 0n] = attributes;
  const text = Buffer.alloc(128);
  const length = readSync(fd, text, 0, text.length, 0);
  const notified = /NOTIFY_PID:(\d+)/.exec(text.toString('latin1', 0, length))?.[1];
  return {
    id: stat.ino,
    uid: stat.uid,
    gid: stat.gid,
    mode: stat.mode & 0o7777,
    linked: stat.nlink > 0,
    maxMessages: Number(maxMessages),
    messageSize: Number(messageSize),
    messages: Number(messages),
    notified: Number(notified ?? 0),
  };
}

/** The name of a queue, from where its descriptor leads: into the kernel's own mount, or one that somebody has made. */
export function queueName(link: string): string {
  return basename(stripDeleted(link));
}

/** mq_notify(3) cannot be asked what it was told, and is forgotten when the message has come. */
export function refuseNotification(pid: number, name: string | undefined): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `it is to be notified of messages in the POSIX message queue ${name === undefined ? 'that was unlinked' : `/${name}`}, and the kernel does not tell how`,
    { pid },
    'have it take that back before the dump (mq_notify with no event)',
  );
}
