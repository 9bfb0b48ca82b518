// What the kernel has noted of connections that pass through a network namespace (conntrack), and of those that it expects: the
// messages of its netlink (<linux/netfilter/nfnetlink_conntrack.h>) one after the other, as CRIU keeps them.
import { join } from 'node:path';
import { existsSync, readFileSync } from '@criu/native/fs';
import {
  type Attribute,
  Attributes,
  decodeMessages,
  encodeAttributes,
  encodeMessage,
  type Message,
  NETLINK,
  NetlinkError,
  NetlinkSocket,
  NFNL_SUBSYS,
  NLM_F,
  netfilterMessage,
  type ReceivedMessage,
} from '@criu/native/netlink';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { openNetlink } from '../../../views/networks.js';
import { isMissing } from '../../files/inet/lock.js';
import { saveRaw } from './saved.js';

const GET = 1;
const AF = { INET: 2, INET6: 10 } as const;
/** struct nfgenmsg. */
const HEADER = 4;
const CTA = { PROTOINFO: 4 } as const;
const PROTOINFO_TCP = 1;
const TCP_FLAGS = { ORIGINAL: 4, REPLY: 5 } as const;
/** IP_CT_TCP_FLAG_BE_LIBERAL: sequence numbers outside of the window are no error. */
const BE_LIBERAL = 0x08;

const IMAGES = [
  { name: 'netns-ct', subsystem: NFNL_SUBSYS.CTNETLINK, what: 'tracked connections' },
  { name: 'netns-exp', subsystem: NFNL_SUBSYS.CTNETLINK_EXP, what: 'expected connections' },
] as const;

/** Writes netns-ct-ID.img and netns-exp-ID.img, where there is something. @throws NetlinkError */
export function dumpConntrack(ctx: DumpContext, namespace: Namespace): void {
  using socket = openNetlink(NETLINK.NETFILTER, namespace);
  for (const { name, subsystem, what } of IMAGES) {
    let found: ReceivedMessage[];
    try {
      found = socket.dump(netfilterMessage(subsystem, GET, 0, 0, []), `list ${what}`);
    } catch (error) {
      // A kernel without connection tracking.
      if (isMissing(error)) continue;
      throw error;
    }
    if (found.length === 0) continue;
    const bytes = found.map((message) => {
      const one = encodeMessage(message, message.seq);
      one.writeUInt16LE(message.flags, 6);
      return one;
    });
    saveRaw(ctx, `${name}-${namespace.id}.img`, Buffer.concat(bytes));
  }
}

/** Attributes of one level, with one of them changed. */
function changed(bytes: Uint8Array, type: number, change: (content: Buffer) => Uint8Array): Buffer {
  const all = Attributes.parse(Buffer.from(bytes), 'tracked connection');
  const kept = all.types.map((one): Attribute => {
    const content = all.bytes(one) ?? Buffer.alloc(0);
    return [one, one === type ? change(content) : content];
  });
  return encodeAttributes(kept);
}

/** A tracked TCP connection as it can be asked for: the kernel has not seen what was sent while it was away. */
function liberal(body: Uint8Array): Uint8Array {
  const family = body[0];
  if (family !== AF.INET && family !== AF.INET6) return body;
  const set = (flags: Buffer) => Uint8Array.of((flags[0] ?? 0) | BE_LIBERAL, (flags[1] ?? 0) | BE_LIBERAL);
  const tcp = (bytes: Buffer) => changed(changed(bytes, TCP_FLAGS.ORIGINAL, set), TCP_FLAGS.REPLY, set);
  const info = (bytes: Buffer) => changed(bytes, PROTOINFO_TCP, tcp);
  return Buffer.concat([body.subarray(0, HEADER), changed(body.subarray(HEADER), CTA.PROTOINFO, info)]);
}

function read(path: string, file: string): Message[] {
  if (!existsSync(path)) return [];
  try {
    return decodeMessages(readFileSync(path));
  } catch (error) {
    throw new CriuError('BAD_IMAGE', 'its messages cannot be read', { file }, undefined, error);
  }
}

/** Puts them there again, by a descriptor of the namespace. @throws CriuError, NetlinkError */
export function restoreConntrack(ctx: PlanContext, id: number, netns: number): void {
  for (const { name, what } of IMAGES) {
    const file = `${name}-${id}.img`;
    const messages = read(join(ctx.checkpoint.source.dir, file), file);
    if (messages.length === 0) continue;
    using socket = NetlinkSocket.open(NETLINK.NETFILTER, netns);
    for (const { type, body } of messages) {
      const tracked = type >>> 8 === NFNL_SUBSYS.CTNETLINK;
      try {
        socket.request({ type, flags: NLM_F.CREATE, body: tracked ? liberal(body) : body }, what);
      } catch (error) {
        if (error instanceof NetlinkError)
          throw new CriuError(
            'SYSCALL',
            `cannot restore ${what}: ${error.message}`,
            { file },
            undefined,
            error,
          );
        throw error;
      }
    }
  }
}
