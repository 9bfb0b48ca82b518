// The netlink of netfilter (<linux/netfilter/nfnetlink.h>): the header of its messages, and transactions of several.
import { type Attribute, Attributes, be32, encodeAttributes } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import { type Message, NLM_F, type ReceivedMessage } from './message.js';

/** Part of netfilter that a message is for: the upper byte of its type. */
export const NFNL_SUBSYS = { CTNETLINK: 1, CTNETLINK_EXP: 2, NFTABLES: 10 } as const;
const BATCH_BEGIN = 16;
const BATCH_END = 17;
const BATCH_GENID = 1;

/** struct nfgenmsg. */
const HEADER = 4;

/** A message of a subsystem. `family` is NFPROTO_*. */
export function netfilterMessage(
  subsystem: number,
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
  resource = 0,
): Message {
  const head = Buffer.alloc(HEADER);
  head[0] = family;
  head.writeUInt16BE(resource, 2);
  return { type: (subsystem << 8) | type, flags, body: Buffer.concat([head, encodeAttributes(attributes)]) };
}

/** Attributes of an answer. @throws NetlinkFormatError */
export function netfilterAttributes({ body }: ReceivedMessage, what: string): Attributes {
  if (body.length < HEADER) throw new NetlinkFormatError(what, `${body.length} bytes are too few`);
  return Attributes.parse(body.subarray(HEADER), what);
}

/**
 * A transaction: all of the messages take effect, or none. The last of them is acknowledged for all.
 * @param generation if the rules have changed since they had this number, it fails with ERESTART
 */
export function transaction(subsystem: number, messages: readonly Message[], generation?: number): Message[] {
  const edge = (type: number, attributes: readonly Attribute[]) => ({
    ...netfilterMessage(0, type, 0, 0, attributes, subsystem),
    type,
  });
  const last = messages.at(-1);
  if (!last) throw new RangeError('a transaction of no messages');
  return [
    edge(BATCH_BEGIN, generation === undefined ? [] : [[BATCH_GENID, be32(generation)]]),
    ...messages.slice(0, -1),
    { ...last, flags: last.flags | NLM_F.ACK },
    edge(BATCH_END, []),
  ];
}
