// The receive queue of a socket with message boundaries, including empty messages.
import { close, ioctlInt, socketpair, sys, sysRaw } from '@criu/native';
import {
  MSG_DONTWAIT,
  SIOCOUTQ,
  SO_PEEK_OFF,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_STREAM,
  SOL_SOCKET,
} from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { Look, Queued } from './look.js';
import type { Peeked } from './peek.js';

/** Unread messages that a Unix socket has sent, in the kernel's accounting (SIOCOUTQ). */
export interface Sent {
  readonly bytes: number;
  readonly type: number;
}

/** Whether a message was seen: the end of a SOCK_SEQPACKET connection looks like an empty message without sender. */
function isMessage(seen: Peeked, unix: boolean): boolean {
  return seen.data.length > 0 || !unix || seen.credentials !== undefined;
}

/** The amount that the kernel charges for messages of these lengths, measured on sockets of our own. */
function cost(type: number, lengths: readonly number[]): number {
  const [from, to] = socketpair(type);
  try {
    const total = lengths.reduce((sum, length) => sum + length + 1024, 0);
    // Larger buffers than net.core.wmem_max need a privilege; without it, sending fails below.
    for (const name of [SO_SNDBUF, SO_SNDBUFFORCE])
      sysRaw('setsockopt', from, SOL_SOCKET, name, new Int32Array([total * 2]), 4);
    const zeros = Buffer.alloc(Math.max(0, ...lengths));
    for (const length of lengths) sys('sendto', from, zeros, length, MSG_DONTWAIT, null, 0);
    return ioctlInt(from, SIOCOUTQ, 'SIOCOUTQ');
  } finally {
    close(from);
    close(to);
  }
}

/**
 * Adds hidden empty messages. Once it was peeked at with an offset, by the program or an earlier dump, an empty message
 * is never shown again to a peek with an offset (`peeked` of struct sk_buff). Their number is derived from the sender's
 * account; their position is known only if there are no other messages.
 */
function withHidden(seen: Queued[], sent: Sent, first: Peeked | undefined): Queued[] {
  const missing =
    sent.bytes -
    cost(
      sent.type,
      seen.map((m) => m.data.length),
    );
  const each = missing > 0 ? cost(sent.type, [0]) : 0;
  if (missing <= 0 || missing % each !== 0) return seen;
  const hidden = missing / each;
  const atHead = first && first.data.length === 0 && seen[0]?.data.length !== 0;
  if (first && atHead && (seen.length === 0 || hidden === 1))
    return [...Array.from({ length: hidden }, () => first), ...seen];
  throw new CriuError(
    'UNSUPPORTED',
    `${hidden} empty messages wait in its queue, and the kernel does not tell where: they were looked at before`,
    {},
    'let the program receive them before the dump',
  );
}

/**
 * The whole queue.
 * @param unix whether SO_PASSCRED is on, as required for Unix sockets
 * @param sent what its only sender has sent to it, if known
 * @throws SysError, CriuError
 */
export function packetQueue(look: Look, unix: boolean, sent: Sent | undefined): Queued[] {
  const all: Queued[] = [];
  look.set(SO_PEEK_OFF, 0);
  for (let seen = look.packet(); seen && isMessage(seen, unix); seen = look.packet()) all.push(seen);
  if (!sent || sent.type === SOCK_STREAM) return all;
  look.set(SO_PEEK_OFF, -1);
  const first = look.packet();
  for (const fd of first?.fds ?? []) close(fd);
  return withHidden(all, sent, first && isMessage(first, unix) ? first : undefined);
}
