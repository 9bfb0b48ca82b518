// raw(7) and ICMP datagram sockets (icmp(7)); only certain groups may create the latter.

import type { LateRef, Program } from '@criu/compel';
import { readFileSync } from '@criu/native/fs';
import {
  AF_INET6,
  ICMP_FILTER,
  ICMPV6_FILTER,
  IP_HDRINCL,
  IP_NODEFRAG,
  IPV6_HDRINCL,
  SOCK_RAW,
  SOL_ICMPV6,
  SOL_IP,
  SOL_IPV6,
  SOL_RAW,
} from '@criu/native/uapi';
import type { PlanContext } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { type PlannedNamespace, plannedNamespaces } from '../../../views/planned.js';
import { joinsNetwork } from '../../../views/planned-networks.js';
import { agentIds } from '../../../views/planned-users.js';
import { numberFrom } from '../common.js';
import { setOption } from '../sockets/restore.js';

const PING_GROUPS = '/proc/sys/net/ipv4/ping_group_range';
const SAME = -1;

/** Options that only raw sockets have. @throws CriuError for a filter whose size is not the kernel's */
export function setRawOptions(p: Program, fd: number, { id, type, family, ip_opts }: InetSkEntry): void {
  const raw = ip_opts?.raw;
  if (type !== SOCK_RAW || !raw) return;
  const v6 = family === AF_INET6;
  const filter = raw.icmpv_filter;
  if (filter.length > 0) {
    if (filter.length !== (v6 ? 8 : 1))
      throw new CriuError(
        'BAD_IMAGE',
        `the ICMP filter of internet socket ${id} has ${filter.length} words`,
        {
          file: 'files.img',
        },
      );
    const words = p.i32(...filter);
    const [level, name] = v6 ? [SOL_ICMPV6, ICMPV6_FILTER] : [SOL_RAW, ICMP_FILTER];
    p.syscall('setsockopt', [fd, level, name, words, words.size], { label: `ICMP filter of fd ${fd}` });
  }
  if (raw.nodefrag && !v6) setOption(p, fd, IP_NODEFRAG, 1, SOL_IP);
  if (raw.hdrincl === undefined) return;
  const on = raw.hdrincl ? 1 : 0;
  if (v6) setOption(p, fd, IPV6_HDRINCL, on, SOL_IPV6);
  else setOption(p, fd, IP_HDRINCL, on, SOL_IP);
}

/** First and last group that may create ICMP sockets: none if the first one is greater. */
type Groups = readonly [low: number, high: number];

/** The groups of the network namespace of this process; undefined without IPv4, then the kernel decides. */
function ownGroups(): Groups | undefined {
  try {
    const [low = 1, high = 0] = readFileSync(PING_GROUPS, 'latin1').split(/\s+/).map(Number);
    return [low, high];
  } catch {
    return undefined;
  }
}

/** The groups of a namespace that is made; undefined if it keeps a setting of its own, then the kernel decides. */
function groupsOf(ctx: PlanContext, { id }: PlannedNamespace): Groups | undefined {
  const [conf] = ctx.checkpoint.images.optional('NETNS', id);
  if (conf?.entry.ext_key !== undefined || joinsNetwork(ctx)) return undefined;
  const [low = 1, high = 0] = (conf?.entry.ipv4_sysctl[0]?.sarg ?? '1 0').split(/\s+/).map(Number);
  return [low, high];
}

/** A group that may create ICMP sockets: `own` if it may. @throws CriuError if there is none */
function allowedGroup(socket: number, own: number, groups: Groups | undefined): number {
  if (!groups || (groups[0] <= own && own <= groups[1])) return own;
  if (groups[0] <= groups[1]) return groups[0];
  throw new CriuError(
    'NOT_PERMITTED',
    `no group may have datagram sockets of ICMP, as internet socket ${socket} is one`,
    { file: PING_GROUPS },
    'allow it: sysctl -w net.ipv4.ping_group_range="0 2147483647"',
  );
}

/**
 * Has a socket created while the agent is in a group that may create ICMP sockets.
 * @param make adds the steps, in the network namespace of the socket
 * @throws CriuError if there is no such group
 */
export function inPingGroup(
  ctx: PlanContext,
  p: Program,
  { id, ns_id }: InetSkEntry,
  make: () => void,
): void {
  const label = 'a group that may have ICMP sockets';
  const network = plannedNamespaces(ctx).network(ns_id);
  const own = agentIds(ctx).gid;
  const group: number | LateRef =
    !network || network.host
      ? numberFrom(ctx, PING_GROUPS, label, () => allowedGroup(id, own, ownGroups()))
      : allowedGroup(id, own, groupsOf(ctx, network));
  if (group !== own) p.syscall('setresgid', [SAME, group, SAME], { label });
  make();
  if (group !== own) p.syscall('setresgid', [SAME, own, SAME]);
}
