// Images that consist of a magic number and rtnetlink messages, in iproute2's format (`save` of ip-address(8),
// ip-route(8), ip-rule(8)).

import { closeSync, writeSync } from '@criu/native/fs';
import { decodeMessages, encodeMessage, type Message, type ReceivedMessage } from '@criu/native/netlink';
import { nlmsghdr } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';

export const SAVED = {
  ADDRESSES: 0x47361222,
  ROUTES: 0x45311224,
  RULES: 0x71706986,
} as const;

/** Writes an image that has no entries. */
export function saveRaw(ctx: DumpContext, name: string, bytes: Buffer): void {
  const fd = ctx.images.openRaw(name);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  } finally {
    closeSync(fd);
  }
}

/** The bytes of an image; undefined if it does not exist. @throws the error of the file system */
export function readRaw({ checkpoint }: PlanContext, name: string): Buffer | undefined {
  return checkpoint.source.has(name) ? checkpoint.source.read(name) : undefined;
}

/** The messages of an image without magic number. @throws CriuError BAD_IMAGE */
export function messagesOf(bytes: Buffer, file: string): Message[] {
  try {
    return decodeMessages(bytes);
  } catch (error) {
    throw new CriuError('BAD_IMAGE', 'its messages cannot be read', { file }, undefined, error);
  }
}

/** Encodes messages behind a magic number. */
export function encodeSaved(magic: number, messages: readonly ReceivedMessage[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(magic);
  const bodies = messages.map((message) => {
    const bytes = encodeMessage(message, message.seq);
    // Flags and port are those of the kernel's reply, not of a request.
    bytes.writeUInt16LE(message.flags, nlmsghdr.nlmsg_flags);
    bytes.writeUInt32LE(message.port, nlmsghdr.nlmsg_pid);
    return bytes;
  });
  return Buffer.concat([head, ...bodies]);
}

/** The messages of an image with magic number. @throws CriuError BAD_IMAGE */
export function decodeSaved(magic: number, bytes: Buffer, file: string): Message[] {
  if (bytes.length === 0) return [];
  if (bytes.length < 4 || bytes.readUInt32LE() !== magic)
    throw new CriuError('BAD_IMAGE', 'it does not begin with the number of what `ip` saves', { file });
  return messagesOf(bytes.subarray(4), file);
}
