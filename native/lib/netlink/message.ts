// Netlink messages (struct nlmsghdr, <linux/netlink.h>): what a datagram is made of, and what the kernel answers with.
import { Attributes, align } from './attributes.js';
import { type ExtendedError, NetlinkFormatError } from './errors.js';

export const MESSAGE_HEADER = 16;
/** Where the flags are in it. */
export const MESSAGE_FLAGS = 6;

/** Types of messages that all protocols have. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4 } as const;

/** Flags of requests and answers; the meaning of the higher ones depends on the kind of request. */
export const NLM_F = {
  REQUEST: 1,
  /** Part of an answer that ends with NLMSG_DONE. */
  MULTI: 2,
  ACK: 4,
  ECHO: 8,
  /** What is being listed changed meanwhile. */
  DUMP_INTR: 0x10,
  // Requests that list: all of a table.
  DUMP: 0x300,
  // Requests that make something.
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  // Answers: the request is left out of it, and attributes follow.
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
} as const;

/** A message without what its socket fills in. `body` begins with the header of its protocol. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

export interface ReceivedMessage extends Message {
  readonly seq: number;
  /** Port id of the socket that had asked. */
  readonly port: number;
  readonly body: Buffer;
}

/** Bytes of a message. NLM_F_REQUEST is set. */
export function encodeMessage({ type, flags, body }: Message, seq: number): Buffer {
  const bytes = Buffer.alloc(align(MESSAGE_HEADER + body.length));
  bytes.writeUInt32LE(MESSAGE_HEADER + body.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | NLM_F.REQUEST, 6);
  bytes.writeUInt32LE(seq >>> 0, 8);
  bytes.set(body, MESSAGE_HEADER);
  return bytes;
}

/** Messages as one datagram, for whoever sends it without a {@link NetlinkSocket}. */
export function encodeMessages(messages: readonly Message[], firstSeq = 1): Buffer {
  return Buffer.concat(messages.map((message, i) => encodeMessage(message, firstSeq + i)));
}

/** Messages of a datagram, as views on it. @throws NetlinkFormatError */
export function decodeMessages(datagram: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at < datagram.length; ) {
    const rest = datagram.length - at;
    const length = rest < MESSAGE_HEADER ? 0 : datagram.readUInt32LE(at);
    if (length < MESSAGE_HEADER || length > rest)
      throw new NetlinkFormatError(
        'netlink datagram',
        `a message at byte ${at} of ${datagram.length} has a length of ${length}`,
      );
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      seq: datagram.readUInt32LE(at + 8),
      port: datagram.readUInt32LE(at + 12),
      body: datagram.subarray(at + MESSAGE_HEADER, at + length),
    });
    at += align(length);
  }
  return messages;
}

const NLMSGERR_ATTR = { MSG: 1, OFFS: 2, MISS_TYPE: 5, MISS_NEST: 6 } as const;

function extendedError(attributes: Attributes): ExtendedError | undefined {
  const [text, offset] = [attributes.text(NLMSGERR_ATTR.MSG), attributes.u32(NLMSGERR_ATTR.OFFS)];
  const [type, nest] = [attributes.u32(NLMSGERR_ATTR.MISS_TYPE), attributes.u32(NLMSGERR_ATTR.MISS_NEST)];
  if (text === undefined && offset === undefined && type === undefined) return undefined;
  return {
    ...(text === undefined ? {} : { text }),
    ...(offset === undefined ? {} : { offset }),
    ...(type === undefined ? {} : { missing: { type, ...(nest === undefined ? {} : { nest }) } }),
  };
}

/** How a request ended. `errno` is positive, 0 for success. */
export interface Outcome {
  readonly errno: number;
  readonly extended?: ExtendedError;
}

/** What NLMSG_ERROR or NLMSG_DONE says. @throws NetlinkFormatError */
export function decodeOutcome({ type, flags, body }: ReceivedMessage): Outcome {
  if (body.length < 4) {
    // The end of a list need not say more.
    if (type === NLMSG.DONE) return { errno: 0 };
    throw new NetlinkFormatError('netlink error', `${body.length} bytes are too few`);
  }
  const errno = Math.max(0, -body.readInt32LE(0));
  if (!(flags & NLM_F.ACK_TLVS)) return { errno };
  // An error has the header of the request behind it, and all of the request unless it was capped.
  let at = 4;
  if (type === NLMSG.ERROR) {
    if (body.length < 4 + MESSAGE_HEADER)
      throw new NetlinkFormatError('netlink error', 'the request is missing');
    at += flags & NLM_F.CAPPED ? MESSAGE_HEADER : align(body.readUInt32LE(4));
  }
  const extended = extendedError(Attributes.parse(body.subarray(at), 'netlink error'));
  return { errno, ...(extended ? { extended } : {}) };
}
