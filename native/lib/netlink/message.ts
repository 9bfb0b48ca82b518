// Netlink messages (struct nlmsghdr, <linux/netlink.h>): encoding, and decoding of datagrams and acknowledgements.
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MISS_NEST,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
  nlmsgerr,
  nlmsghdr,
} from '../uapi.generated.js';
import { Attributes, align } from './attributes.js';
import { type ExtendedError, NetlinkFormatError } from './errors.js';

/** A message without the fields that its socket fills in. `body` begins with the header of its protocol. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

export interface ReceivedMessage extends Message {
  readonly seq: number;
  /** Port id of the socket that sent the request. */
  readonly port: number;
  readonly body: Buffer;
}

/** Encodes a message. NLM_F_REQUEST is set. */
export function encodeMessage({ type, flags, body }: Message, seq: number): Buffer {
  const bytes = Buffer.alloc(align(nlmsghdr.sizeof + body.length));
  bytes.writeUInt32LE(nlmsghdr.sizeof + body.length, nlmsghdr.nlmsg_len);
  bytes.writeUInt16LE(type, nlmsghdr.nlmsg_type);
  bytes.writeUInt16LE(flags | NLM_F_REQUEST, nlmsghdr.nlmsg_flags);
  bytes.writeUInt32LE(seq >>> 0, nlmsghdr.nlmsg_seq);
  bytes.set(body, nlmsghdr.sizeof);
  return bytes;
}

/** Encodes messages as one datagram, to be sent without a {@link NetlinkSocket}. */
export function encodeMessages(messages: readonly Message[], firstSeq = 1): Buffer {
  return Buffer.concat(messages.map((message, i) => encodeMessage(message, firstSeq + i)));
}

/** Decodes the messages of a datagram, as views on it. @throws NetlinkFormatError */
export function decodeMessages(datagram: Buffer): ReceivedMessage[] {
  const messages: ReceivedMessage[] = [];
  for (let at = 0; at < datagram.length; ) {
    const rest = datagram.length - at;
    const length = rest < nlmsghdr.sizeof ? 0 : datagram.readUInt32LE(at + nlmsghdr.nlmsg_len);
    if (length < nlmsghdr.sizeof || length > rest)
      throw new NetlinkFormatError(
        'netlink datagram',
        `a message at byte ${at} of ${datagram.length} has a length of ${length}`,
      );
    messages.push({
      type: datagram.readUInt16LE(at + nlmsghdr.nlmsg_type),
      flags: datagram.readUInt16LE(at + nlmsghdr.nlmsg_flags),
      seq: datagram.readUInt32LE(at + nlmsghdr.nlmsg_seq),
      port: datagram.readUInt32LE(at + nlmsghdr.nlmsg_pid),
      body: datagram.subarray(at + nlmsghdr.sizeof, at + length),
    });
    at += align(length);
  }
  return messages;
}

function extendedError(attributes: Attributes): ExtendedError | undefined {
  const [text, offset] = [attributes.text(NLMSGERR_ATTR_MSG), attributes.u32(NLMSGERR_ATTR_OFFS)];
  const [type, nest] = [attributes.u32(NLMSGERR_ATTR_MISS_TYPE), attributes.u32(NLMSGERR_ATTR_MISS_NEST)];
  if (text === undefined && offset === undefined && type === undefined) return undefined;
  return {
    ...(text === undefined ? {} : { text }),
    ...(offset === undefined ? {} : { offset }),
    ...(type === undefined ? {} : { missing: { type, ...(nest === undefined ? {} : { nest }) } }),
  };
}

/** Result of a request. `errno` is positive, or 0 for success. */
export interface Outcome {
  readonly errno: number;
  readonly extended?: ExtendedError;
}

/** Decodes NLMSG_ERROR or NLMSG_DONE. @throws NetlinkFormatError */
export function decodeOutcome({ type, flags, body }: ReceivedMessage): Outcome {
  if (body.length < nlmsgerr.msg) {
    // NLMSG_DONE may have no content.
    if (type === NLMSG_DONE) return { errno: 0 };
    throw new NetlinkFormatError('netlink error', `${body.length} bytes are too few`);
  }
  const errno = Math.max(0, -body.readInt32LE(nlmsgerr.error));
  if (!(flags & NLM_F_ACK_TLVS)) return { errno };
  // Behind an error follows the header of the request, and the rest of the request unless it was capped
  // (NETLINK_CAP_ACK).
  let at: number = nlmsgerr.msg;
  if (type === NLMSG_ERROR) {
    if (body.length < nlmsgerr.msg + nlmsghdr.sizeof)
      throw new NetlinkFormatError('netlink error', 'the request is missing');
    at +=
      flags & NLM_F_CAPPED ? nlmsghdr.sizeof : align(body.readUInt32LE(nlmsgerr.msg + nlmsghdr.nlmsg_len));
  }
  const extended = extendedError(Attributes.parse(body.subarray(at), 'netlink error'));
  return { errno, ...(extended ? { extended } : {}) };
}
