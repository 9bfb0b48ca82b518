// Conntrack entries of a network namespace, and expected connections: stored as consecutive netlink messages
// (<linux/netfilter/nfnetlink_conntrack.h>), like in CRIU.
import {
  encodeMessage,
  type NamedRequest,
  NetlinkSocket,
  netfilterAttributes,
  netfilterMessage,
  type ReceivedMessage,
} from '@criu/native/netlink';
import {
  CTA_EXPECT_HELP_NAME,
  CTA_STATS_GLOBAL_ENTRIES,
  IPCTNL_MSG_CT_GET,
  IPCTNL_MSG_CT_GET_STATS,
  NETLINK_NETFILTER,
  NFNL_SUBSYS_CTNETLINK,
  NFNL_SUBSYS_CTNETLINK_EXP,
  NLM_F_CREATE,
  nlmsghdr,
} from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { Namespace } from '../../../views/namespaces.js';
import { netlinkIn } from '../../../views/networks.js';
import { isMissing } from '../../files/inet/lock.js';
import { asNew } from './conntrack-entry.js';
import { messagesOf, readRaw, saveRaw } from './saved.js';

/** Sequence number of all messages in images: CRIU waits for replies with this number. */
const SEQUENCE = 24680;

const IMAGES = [
  { name: 'netns-ct', subsystem: NFNL_SUBSYS_CTNETLINK, what: 'tracked connections' },
  { name: 'netns-exp', subsystem: NFNL_SUBSYS_CTNETLINK_EXP, what: 'expected connections' },
] as const;

/**
 * The number of tracked connections in the namespace: a list of them takes the kernel milliseconds even if it is empty,
 * since all namespaces have one hash table.
 */
function countOf(socket: NetlinkSocket): number | undefined {
  const [answer] = socket.request(
    netfilterMessage(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS, 0, 0, []),
    'number of tracked connections',
  );
  return answer && netfilterAttributes(answer, 'tracked connections').be32(CTA_STATS_GLOBAL_ENTRIES);
}

/**
 * Connections can only be expected again for one that has a helper: the kernel takes no others from a program.
 * @throws CriuError for those that rules of nftables have added (`ct expectation`)
 */
function checkExpected(found: readonly ReceivedMessage[]): void {
  if (found.every((message) => netfilterAttributes(message, 'expected connection').has(CTA_EXPECT_HELP_NAME)))
    return;
  throw new CriuError(
    'UNSUPPORTED',
    'its network namespace expects connections that no helper has told it of (`ct expectation` of nftables), which cannot be restored',
    {},
    'wait until they have come, or take them away before the dump (conntrack -F expect)',
  );
}

/** Writes netns-ct-ID.img and netns-exp-ID.img, if there are entries. @throws NetlinkError, CriuError */
export function dumpConntrack(ctx: DumpContext, namespace: Namespace): void {
  const socket = netlinkIn(ctx, NETLINK_NETFILTER, namespace);
  for (const { name, subsystem, what } of IMAGES) {
    let found: ReceivedMessage[];
    try {
      if (subsystem === NFNL_SUBSYS_CTNETLINK && countOf(socket) === 0) continue;
      found = socket.dump(netfilterMessage(subsystem, IPCTNL_MSG_CT_GET, 0, 0, []), `list ${what}`);
    } catch (error) {
      // The kernel has no connection tracking.
      if (isMissing(error)) continue;
      throw error;
    }
    if (found.length === 0) continue;
    if (subsystem === NFNL_SUBSYS_CTNETLINK_EXP) checkExpected(found);
    const bytes = found.map((message) => {
      const one = encodeMessage(message, SEQUENCE);
      one.writeUInt16LE(message.flags, nlmsghdr.nlmsg_flags);
      return one;
    });
    saveRaw(ctx, `${name}-${namespace.id}.img`, Buffer.concat(bytes));
  }
}

/** Restores the entries, through a descriptor of the namespace. @throws CriuError, NetlinkError */
export function restoreConntrack(ctx: PlanContext, id: number, netns: number): void {
  for (const { name, what } of IMAGES) {
    const file = `${name}-${id}.img`;
    const bytes = readRaw(ctx, file);
    if (!bytes?.length) continue;
    using socket = NetlinkSocket.open(NETLINK_NETFILTER, netns);
    const requests = messagesOf(bytes, file).map(({ type, body }): NamedRequest => {
      const tracked = type >>> 8 === NFNL_SUBSYS_CTNETLINK;
      return { type, flags: NLM_F_CREATE, body: tracked ? asNew(body) : body, what };
    });
    const failed = socket.each(requests).find((error) => error !== undefined);
    if (failed)
      throw new CriuError(
        'SYSCALL',
        `cannot restore ${what}: ${failed.message}`,
        { file },
        'look whether the modules of connection tracking are loaded here, and nf_conntrack_max is large enough',
        failed,
      );
  }
}
