// State of a POSIX message queue, read through a descriptor.

import { basename } from 'node:path';
import { sys } from '@criu/native';
import { closeSync, fstatSync, openSync, readSync } from '@criu/native/fs';
import { mq_attr, O_NONBLOCK, O_RDWR } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import { stripDeleted } from '../../../proc/index.js';
import { stateKey } from '../../../states.js';

/** Descriptors of ours for queues that tasks have open, by inode. */
export const openQueues = stateKey('open POSIX message queues', (ctx: DumpContext) => {
  const fds = new Map<number, number>();
  ctx.onClose(() => {
    for (const fd of fds.values()) closeSync(fd);
    fds.clear();
  });
  return fds;
});

/**
 * Slots for queues that a restore creates and that tasks have open, by their id in the images; open for reading and
 * writing.
 */
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
  /** Pid, in our namespace, of the process to be notified of the next message; 0 if there is none. */
  readonly notified: number;
}

/** Opens a queue again. @throws the error of the system call */
export function reopenQueue(fd: number): number {
  return openSync(`/proc/self/fd/${fd}`, O_RDWR | O_NONBLOCK);
}

/** Reads the state of a queue. @param fd descriptor of ours, open for reading @throws SysError */
export function queueState(fd: number): QueueState {
  const stat = fstatSync(fd);
  const attributes = Buffer.alloc(mq_attr.sizeof);
  sys('mq_getsetattr', fd, null, attributes);
  const attribute = (at: number) => Number(attributes.readBigInt64LE(at));
  const text = Buffer.alloc(128);
  const length = readSync(fd, text, 0, text.length, 0);
  const notified = /NOTIFY_PID:(\d+)/.exec(text.toString('latin1', 0, length))?.[1];
  return {
    id: stat.ino,
    uid: stat.uid,
    gid: stat.gid,
    mode: stat.mode & 0o7777,
    linked: stat.nlink > 0,
    maxMessages: attribute(mq_attr.mq_maxmsg),
    messageSize: attribute(mq_attr.mq_msgsize),
    messages: attribute(mq_attr.mq_curmsgs),
    notified: Number(notified ?? 0),
  };
}

/** The name of a queue, from its link: on the kernel's internal mount, or on a mount of mqueue. */
export function queueName(link: string): string {
  return basename(stripDeleted(link));
}

/** The parameters of mq_notify(3) cannot be read, and the registration ends with the next message. */
export function refuseNotification(pid: number, name: string | undefined): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    `it is to be notified of messages in the POSIX message queue ${name === undefined ? 'that was unlinked' : `/${name}`}, and the kernel does not tell how`,
    { pid },
    'have it take that back before the dump (mq_notify with no event)',
  );
}
