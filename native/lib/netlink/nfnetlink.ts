// Netlink of netfilter (<linux/netfilter/nfnetlink.h>): message headers and transactions.
import {
  NFNL_BATCH_GENID,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NLM_F_ACK,
  nfgenmsg,
} from '../uapi.generated.js';
import { type Attribute, Attributes, be32, encodeAttributes } from './attributes.js';
import { NetlinkFormatError } from './errors.js';
import type { Message, ReceivedMessage } from './message.js';

/** A message for a subsystem. `family` is NFPROTO_*. */
export function netfilterMessage(
  subsystem: number,
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
  resource = 0,
): Message {
  const head = Buffer.alloc(nfgenmsg.sizeof);
  head[nfgenmsg.nfgen_family] = family;
  head.writeUInt16BE(resource, nfgenmsg.res_id);
  return { type: (subsystem << 8) | type, flags, body: Buffer.concat([head, encodeAttributes(attributes)]) };
}

/** Attributes of an answer. @throws NetlinkFormatError */
export function netfilterAttributes({ body }: ReceivedMessage, what: string): Attributes {
  if (body.length < nfgenmsg.sizeof) throw new NetlinkFormatError(what, `${body.length} bytes are too few`);
  return Attributes.parse(body.subarray(nfgenmsg.sizeof), what);
}

/**
 * A transaction: either all messages take effect, or none. The acknowledgement of the last one is for all.
 * @param generation number of the rules' generation: if the rules have changed since, the transaction fails with
 * ERESTART
 */
export function transaction(subsystem: number, messages: readonly Message[], generation?: number): Message[] {
  const edge = (type: number, attributes: readonly Attribute[]) => ({
    ...netfilterMessage(0, type, 0, 0, attributes, subsystem),
    type,
  });
  const last = messages.at(-1);
  if (!last) throw new RangeError('a transaction of no messages');
  return [
    edge(NFNL_MSG_BATCH_BEGIN, generation === undefined ? [] : [[NFNL_BATCH_GENID, be32(generation)]]),
    ...messages.slice(0, -1),
    { ...last, flags: last.flags | NLM_F_ACK },
    edge(NFNL_MSG_BATCH_END, []),
  ];
}
